package main

import (
	"fmt"
	"os"

	"github.com/alecthomas/kong"
)

type commands struct {
	Build   buildCmd   `cmd:"" help:"Build a release into a folder."`
	Rebuild rebuildCmd `cmd:"" help:"Build twice from two copies with empty caches, and compare."`
	Keygen  keygenCmd  `cmd:"" help:"Make a key to sign with."`
	Verify  verifyCmd  `cmd:"" help:"Check a folder: signature, checksums, list of parts."`
}

func main() {
	var all commands
	k := kong.Parse(&all, kong.Name("release"), kong.Description("Makes what people download."))
	if err := k.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(2)
	}
}
