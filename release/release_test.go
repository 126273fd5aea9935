package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
)

var commit = source{commit: "0123456789012345678901234567890123456789", at: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)}

// tree is a copy of the last commit: the folder itself may change while a test runs.
func tree(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	c := exec.Command("sh", "-c", "git -C .. archive HEAD | tar -x -C "+dir)
	if out, err := c.CombinedOutput(); err != nil {
		t.Skipf("no copy of the last commit (git, tar): %v %s", err, out)
	}
	return dir
}

// oneTarget builds the first target alone into a folder.
func oneTarget(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	all := targets
	targets = targets[:1]
	t.Cleanup(func() { targets = all })
	commit.dir = tree(t)
	if err := compile(context.Background(), commit, targets[0], "v0.0.1", "", filepath.Join(dir, targets[0].file("v0.0.1"))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Nothing of the place gets in. Empty caches and all systems: go run ./release rebuild --all.
func TestTwoBuildsAreEqual(t *testing.T) {
	a, b := oneTarget(t), oneTarget(t)
	name := targets[0].file("v0.0.1")
	first, err := os.ReadFile(filepath.Join(a, name))
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(filepath.Join(b, name))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Error("two builds differ")
	}
	if bytes.Contains(first, []byte(commit.dir)) {
		t.Error("the program holds the path of its source")
	}
	out, err := exec.Command(filepath.Join(a, name), "version").Output()
	if err != nil || !strings.Contains(string(out), "v0.0.1 (commit 0123456789") {
		t.Errorf("version: %s %v", out, err)
	}
}

func TestPartsAndOrigin(t *testing.T) {
	dir := oneTarget(t)
	if err := writeBill(commit, "v0.0.1", dir); err != nil {
		t.Fatal(err)
	}
	var b bill
	read(t, filepath.Join(dir, "minamori-v0.0.1.cdx.json"), &b)
	found := map[string]component{}
	for _, c := range b.Components {
		found[c.Name] = c
	}
	for name, id := range map[string]string{"modernc.org/sqlite": "BSD-3-Clause", "github.com/riverqueue/river": "MPL-2.0", "htmx.min.js": "0BSD", "Go standard library": "BSD-3-Clause"} {
		c, ok := found[name]
		if !ok || len(c.Licenses) != 1 || c.Licenses[0].License.ID != id || c.PURL == "" {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if len(found) < 30 || len(b.Dependencies[0].DependsOn) != len(b.Components) {
		t.Errorf("%d parts", len(found))
	}
	if err := writeProvenance(commit, "v0.0.1", dir, "go1.26"); err != nil {
		t.Fatal(err)
	}
	var st statement
	read(t, filepath.Join(dir, "minamori-v0.0.1.provenance.json"), &st)
	if len(st.Subject) != 2 || st.Predicate.BuildDefinition.Resolved[0].Digest["gitCommit"] != commit.commit {
		t.Errorf("provenance: %+v", st)
	}
}

func read(t *testing.T, file string, v any) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
}

func TestAlteredFilesAreFound(t *testing.T) {
	secret, public, err := note.GenerateKey(rand.Reader, "test.example.jp")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	program, pack := filepath.Join(dir, "minamori"), filepath.Join(dir, "pack.yaml")
	write := func(file, text string) {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(program, "program")
	write(pack, "pack")
	if err := writeSums(commit, "v0.0.1", dir, signer); err != nil {
		t.Fatal(err)
	}
	if n, err := verify(dir, public); err != nil || n != 2 {
		t.Fatalf("%d files, %v", n, err)
	}
	for file, whole := range map[string]string{program: "program", pack: "pack"} {
		write(file, "altered")
		if _, err := verify(dir, public); err == nil || !strings.Contains(err.Error(), filepath.Base(file)) {
			t.Errorf("altered %s: %v", file, err)
		}
		write(file, whole)
	}
	_, other, _ := note.GenerateKey(rand.Reader, "test.example.jp")
	if _, err := verify(dir, other); err == nil {
		t.Error("another key verifies")
	}
	sums, _ := os.ReadFile(filepath.Join(dir, signedSums))
	write(filepath.Join(dir, signedSums), strings.Replace(string(sums), "minamori\n", "minamori2\n", 1))
	if _, err := verify(dir, public); err == nil {
		t.Error("an altered list verifies")
	}
}

func TestKeyThatOthersCanReadIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	if err := (keygenCmd{"test.example.jp", file}).Run(); err != nil {
		t.Fatal(err)
	}
	if _, public, err := readKey(file); err != nil || !strings.HasPrefix(public, "test.example.jp+") {
		t.Errorf("%q %v", public, err)
	}
	if err := (keygenCmd{"test.example.jp", file}).Run(); err == nil {
		t.Error("a key was written over")
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := readKey(file); err == nil {
		t.Error("a key that others can read is taken")
	}
}

func TestDebianPackage(t *testing.T) {
	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		t.Skip("no dpkg-deb here")
	}
	dir := oneTarget(t)
	if err := writePackages(context.Background(), commit, "v0.0.1-rc1", renamed(t, dir)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "minamori_0.0.1~rc1_amd64.deb")
	list, err := exec.Command("dpkg-deb", "--contents", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"./usr/bin/minamori", "./usr/lib/systemd/system/minamori.service", "./etc/minamori/minamori.env", "root/root"} {
		if !strings.Contains(string(list), want) {
			t.Errorf("the package lacks %s:\n%s", want, list)
		}
	}
	before, _ := os.ReadFile(file)
	if err := writePackages(context.Background(), commit, "v0.0.1-rc1", dir); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.ReadFile(file); !bytes.Equal(before, after) {
		t.Error("two packages differ")
	}
}

// renamed gives the built program the name of a release candidate.
func renamed(t *testing.T, dir string) string {
	t.Helper()
	if err := os.Rename(filepath.Join(dir, targets[0].file("v0.0.1")), filepath.Join(dir, targets[0].file("v0.0.1-rc1"))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// The unit is whole and as closed as systemd can make it for a network service.
func TestUnitIsHardened(t *testing.T) {
	tool, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("no systemd-analyze here")
	}
	out, err := exec.Command(tool, "security", "--offline=yes", "--threshold=20", "../packaging/minamori.service").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := exec.Command(tool, "security", "--offline=yes", "--threshold=1", "../packaging/minamori.service").CombinedOutput(); err == nil {
		t.Errorf("the threshold does not bite:\n%s", out)
	}
}
