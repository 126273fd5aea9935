package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

// version and commit are set by the release build; a build from source reads
// them from the build information.
var version, commit string

// Build says which program this is.
type Build struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Go      string `json:"go"`
}

func buildInfo() Build {
	b := Build{Version: version, Commit: commit, Go: runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		if b.Version == "" {
			b.Version = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && b.Commit == "" {
				b.Commit = s.Value
			}
		}
	}
	if b.Version == "" {
		b.Version = "(devel)"
	}
	if b.Commit == "" {
		b.Commit = "unknown"
	}
	return b
}

type versionCmd struct{ Output }

func (v versionCmd) Run(c *console) error {
	b := buildInfo()
	return v.print(c, b, func(w io.Writer) {
		fmt.Fprintf(w, "minamori %s (commit %s, %s)\n", b.Version, b.Commit, b.Go)
	})
}
