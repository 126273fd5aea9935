package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

type keygenCmd struct {
	Name string `arg:"" help:"Name of the key, as release.example.jp."`
	File string `arg:"" type:"path" help:"File to write the secret key to; it must not exist."`
}

// Run writes a new secret key and prints the public one.
func (k keygenCmd) Run() error {
	secret, public, err := note.GenerateKey(rand.Reader, k.Name)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(k.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(f, "%s\n%s\n", secret, public); err != nil {
		return errors.Join(err, f.Close())
	}
	fmt.Println(public)
	return f.Close()
}

// readKey reads what keygen wrote; "" signs nothing.
func readKey(file string) (note.Signer, string, error) {
	if file == "" {
		return nil, "", nil
	}
	info, err := os.Stat(file)
	if err != nil {
		return nil, "", err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, "", fmt.Errorf("%s can be read by others: chmod 600 it", file)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, "", err
	}
	lines := strings.Fields(string(b))
	if len(lines) != 2 {
		return nil, "", fmt.Errorf("%s is not a key that keygen wrote", file)
	}
	signer, err := note.NewSigner(lines[0])
	return signer, lines[1], err
}

const (
	sumsFile   = "SHA256SUMS"
	signedSums = "SHA256SUMS.note"
	latestFile = "latest.note"
)

// writeSums covers every file, and signs that and the word of the newest release.
func writeSums(s source, version, dir string, signer note.Signer) error {
	sums, err := sumsOf(dir)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, sumsFile), sums, 0o644); err != nil || signer == nil {
		return err
	}
	digest := sha256.Sum256(sums)
	latest := fmt.Sprintf("minamori release\nversion %s\ncommit %s\ndate %s\nsums %x\n", version, s.commit, s.at.Format(time.DateOnly), digest)
	for name, text := range map[string]string{signedSums: string(sums), latestFile: latest} {
		signed, err := note.Sign(&note.Note{Text: text}, signer)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), signed, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// sumsOf lists the digests of a folder's files, as sha256sum -c reads them.
func sumsOf(dir string) ([]byte, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for _, e := range entries {
		if slices.Contains([]string{sumsFile, signedSums, latestFile}, e.Name()) {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(content), e.Name())
	}
	return b.Bytes(), nil
}

type verifyCmd struct {
	Dir string `arg:"" type:"path" help:"Folder of a release."`
	Key string `required:"" help:"Public key, as keygen printed it."`
}

// Run checks the signature first, then every file that it covers.
func (v verifyCmd) Run() error {
	n, err := verify(v.Dir, v.Key)
	if err == nil {
		fmt.Printf("%d files are as they were signed\n", n)
	}
	return err
}

func verify(dir, key string) (files int, err error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return 0, err
	}
	raw, err := os.ReadFile(filepath.Join(dir, signedSums))
	if err != nil {
		return 0, err
	}
	opened, err := note.Open(raw, note.VerifierList(verifier))
	if err != nil {
		return 0, fmt.Errorf("%s: %w", signedSums, err)
	}
	lines := bufio.NewScanner(strings.NewReader(opened.Text))
	for lines.Scan() {
		want, name, ok := strings.Cut(lines.Text(), "  ")
		if !ok || !fs.ValidPath(name) || strings.Contains(name, "/") {
			return files, fmt.Errorf("%s: cannot be read: %q", signedSums, lines.Text())
		}
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return files, err
		}
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != want {
			return files, fmt.Errorf("%s is not the file that was signed", name)
		}
		files++
	}
	return files, lines.Err()
}
