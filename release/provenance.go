package main

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
)

// Provenance is an in-toto statement v1 with the predicate of SLSA v1.0: what was
// built, from which commit, with which compiler, by whom. It is covered by the
// signed checksums.

type statement struct {
	Type          string    `json:"_type"`
	Subject       []subject `json:"subject"`
	PredicateType string    `json:"predicateType"`
	Predicate     predicate `json:"predicate"`
}

type subject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"`
}

type predicate struct {
	BuildDefinition struct {
		BuildType          string             `json:"buildType"`
		ExternalParameters map[string]any     `json:"externalParameters"`
		Resolved           []resolvedMaterial `json:"resolvedDependencies"`
	} `json:"buildDefinition"`
	RunDetails struct {
		Builder struct {
			ID string `json:"id"`
		} `json:"builder"`
	} `json:"runDetails"`
}

type resolvedMaterial struct {
	URI    string            `json:"uri"`
	Digest map[string]string `json:"digest,omitempty"`
}

// builder says honestly that a person ran the command: nobody else vouches for
// the machine. Whoever doubts it builds again and compares.
const (
	repository = "https://github.com/minamori-project/minamori"
	buildType  = repository + "/blob/main/release/doc.go"
	builder    = repository + "/blob/main/release#run-by-a-maintainer"
)

func writeProvenance(s source, version, dir, goVersion string) error {
	st := statement{Type: "https://in-toto.io/Statement/v1", PredicateType: "https://slsa.dev/provenance/v1"}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		sum := sha256.Sum256(b)
		st.Subject = append(st.Subject, subject{e.Name(), map[string]string{"sha256": hex.EncodeToString(sum[:])}})
	}
	st.Predicate.BuildDefinition.BuildType = buildType
	st.Predicate.BuildDefinition.ExternalParameters = map[string]any{"version": version, "command": "go run ./release build --version " + version}
	st.Predicate.BuildDefinition.Resolved = []resolvedMaterial{
		{URI: "git+" + repository, Digest: map[string]string{"gitCommit": s.commit}},
		{URI: "pkg:golang/toolchain@" + goVersion},
	}
	st.Predicate.RunDetails.Builder.ID = builder
	return writeJSON(filepath.Join(dir, "minamori-"+version+".provenance.json"), st)
}
