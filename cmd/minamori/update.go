package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"golang.org/x/mod/semver"
	"golang.org/x/mod/sumdb/note"

	"github.com/minamori-project/minamori/internal/fetch"
	"github.com/minamori-project/minamori/internal/problem"
)

// releaseKey is the public key with which the releases of this build are signed;
// the release build sets it.
var releaseKey string

type updateCmd struct {
	Check updateCheckCmd `cmd:"" help:"Ask whether a newer release is out. Nothing is asked unless you do, and nothing is installed."`
}

type updateCheckCmd struct {
	Output
	From          string   `required:"" help:"Address of latest.note, as https://example.org/minamori/latest.note."`
	Key           string   `help:"Public key of the releases; without it the one this program was built with."`
	AllowNetworks []string `name:"allow-networks" help:"Networks inside which may be asked, as 10.0.0.0/8, for a mirror of your own."`
}

// release is what latest.note says.
type release struct {
	Version string `json:"newest"`
	Date    string `json:"date"`
	Sums    string `json:"sums"` // SHA-256 of its SHA256SUMS
	Running string `json:"running"`
	Newer   bool   `json:"newer"`
}

// maxNote is more than a signed note of five lines can need.
const maxNote = 16 << 10

// Run answers 0 when this is the newest release and 1 when a newer one is out.
// A build without a version cannot tell and says so.
func (u updateCheckCmd) Run(c *console) error {
	r, err := u.newest(c)
	if err != nil {
		return err
	}
	err = u.print(c, r, func(w io.Writer) {
		fmt.Fprintf(w, "running: %s\nnewest: %s (%s)\nsums: %s\n", r.Running, r.Version, r.Date, r.Sums)
	})
	if err == nil && r.Newer {
		return errNo
	}
	return err
}

func (u updateCheckCmd) newest(c *console) (release, error) {
	key := firstOf(u.Key, releaseKey)
	if key == "" {
		return release{}, problem.New(http.StatusBadRequest, "update-key")
	}
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return release{}, problem.New(http.StatusBadRequest, "update-key")
	}
	allowed, err := networks(u.AllowNetworks, "allow-network")
	if err != nil {
		return release{}, err
	}
	answer, err := fetch.New(fetch.Config{Allow: allowed}).Get(c.ctx, u.From, maxNote)
	if err != nil || answer.Status != http.StatusOK {
		return release{}, problem.New(http.StatusBadGateway, "update-away", "url", u.From)
	}
	opened, err := note.Open(answer.Body, note.VerifierList(verifier))
	if err != nil {
		return release{}, problem.New(http.StatusBadGateway, "update-signature", "url", u.From)
	}
	return readRelease(opened.Text, buildInfo().Version)
}

// readRelease takes the five lines that the release command writes.
func readRelease(text, running string) (release, error) {
	said := map[string]string{}
	first, rest, _ := strings.Cut(text, "\n")
	for line := range strings.Lines(rest) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		said[name] = value
	}
	r := release{Version: said["version"], Date: said["date"], Sums: said["sums"], Running: running}
	if first != "minamori release" || !semver.IsValid(r.Version) {
		return r, problem.New(http.StatusBadGateway, "update-signature", "url", "")
	}
	if !semver.IsValid(running) {
		return r, problem.New(http.StatusConflict, "update-unknown", "newest", r.Version)
	}
	r.Newer = semver.Compare(running, r.Version) < 0
	return r, nil
}
