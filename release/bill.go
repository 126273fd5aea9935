package main

import (
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The list of parts is CycloneDX 1.6 (ECMA-424), JSON. Only what is used of it
// is written down here.

type bill struct {
	Format       string       `json:"bomFormat"`
	Spec         string       `json:"specVersion"`
	Serial       string       `json:"serialNumber"`
	Version      int          `json:"version"`
	Metadata     billMetadata `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type billMetadata struct {
	Timestamp string    `json:"timestamp"`
	Component component `json:"component"`
}

type component struct {
	Type     string    `json:"type"`
	Ref      string    `json:"bom-ref"`
	Name     string    `json:"name"`
	Version  string    `json:"version"`
	PURL     string    `json:"purl,omitempty"`
	Hashes   []hash    `json:"hashes,omitempty"`
	Licenses []licence `json:"licenses,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type licence struct {
	License struct {
		ID string `json:"id"`
	} `json:"license"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn"`
}

// notModules are the parts that the go command does not know: ui/assets/VENDOR.md
// and internal/pdf/font/README say the same.
var notModules = []component{
	{Type: "file", Ref: "htmx", Name: "htmx.min.js", Version: "4.0.1", PURL: "pkg:npm/htmx.org@4.0.1", Licenses: licensed("0BSD")},
	{Type: "file", Ref: "biz-udpgothic", Name: "BIZ UDPGothic", Version: "1.05", PURL: "pkg:github/googlefonts/morisawa-biz-ud-gothic@v1.05", Licenses: licensed("OFL-1.1")},
}

func licensed(id string) []licence {
	var l licence
	l.License.ID = id
	return []licence{l}
}

// writeBill lists what the built programs say that they are made of, so that
// nothing is listed that is not inside, and nothing is inside that is not listed.
func writeBill(s source, version, dir string) error {
	parts := map[string]component{}
	for _, t := range targets {
		if err := collect(filepath.Join(dir, t.file(version)), parts); err != nil {
			return err
		}
	}
	program := component{
		Type: "application", Ref: "minamori", Name: "minamori", Version: version,
		PURL: "pkg:golang/github.com/minamori-project/minamori@" + version, Licenses: licensed("Apache-2.0"),
	}
	b := bill{Format: "CycloneDX", Spec: "1.6", Version: 1, Serial: serial(s.commit + version), Metadata: billMetadata{s.at.Format(time.RFC3339), program}}
	b.Components = append(b.Components, notModules...)
	for _, c := range parts {
		b.Components = append(b.Components, c)
	}
	slices.SortFunc(b.Components, func(a, b component) int { return strings.Compare(a.Ref, b.Ref) })
	uses := dependency{Ref: "minamori"}
	for _, c := range b.Components {
		uses.DependsOn = append(uses.DependsOn, c.Ref)
	}
	b.Dependencies = []dependency{uses}
	return writeJSON(filepath.Join(dir, "minamori-"+version+".cdx.json"), b)
}

// collect adds the modules of a built program.
func collect(file string, parts map[string]component) error {
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		return err
	}
	std := component{Type: "library", Ref: "std", Name: "Go standard library", Version: info.GoVersion, PURL: "pkg:golang/std@" + strings.TrimPrefix(info.GoVersion, "go"), Licenses: licensed("BSD-3-Clause")}
	parts["std"] = std
	for _, m := range info.Deps {
		if m.Replace != nil {
			return fmt.Errorf("%s is replaced: a release has no local modules", m.Path)
		}
		ref := m.Path + "@" + m.Version
		c := component{Type: "library", Ref: ref, Name: m.Path, Version: m.Version, PURL: "pkg:golang/" + ref}
		if sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(m.Sum, "h1:")); err == nil {
			c.Hashes = []hash{{"SHA-256", hex.EncodeToString(sum)}}
		}
		if id := licenceOf(m.Path, m.Version); id != "" {
			c.Licenses = licensed(id)
		}
		parts[ref] = c
	}
	return nil
}

// licenceOf recognises the licence file of a module by a phrase of its own; ""
// is not recognised, and is then left out instead of guessed.
func licenceOf(path, version string) string {
	dir, err := output(context.Background(), ".", "go", "list", "-m", "-f", "{{.Dir}}", path+"@"+version)
	if err != nil || dir == "" {
		return ""
	}
	for _, name := range []string{"LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING", "License", "license"} {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			return recognise(strings.Join(strings.Fields(string(b)), " "))
		}
	}
	return ""
}

func recognise(text string) string {
	has := func(phrase string) bool { return strings.Contains(strings.ToLower(text), phrase) }
	switch {
	case has("apache license") && has("version 2.0"):
		return "Apache-2.0"
	case has("mozilla public license") && has("2.0"):
		return "MPL-2.0"
	case has("redistribution and use in source and binary forms") && (has("neither the name") || has("nor the names") || has("may not be used to endorse")):
		return "BSD-3-Clause"
	case has("redistribution and use in source and binary forms"):
		return "BSD-2-Clause"
	case has("permission is hereby granted, free of charge"):
		return "MIT"
	case has("permission to use, copy, modify, and/or distribute"), has("permission to use, copy, modify, and distribute"):
		return "ISC"
	}
	return ""
}

// serial makes the same UUID (version 8, RFC 9562) for the same commit.
func serial(of string) string {
	sum := sha256.Sum256([]byte(of))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

func writeJSON(file string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(b, '\n'), 0o644)
}
