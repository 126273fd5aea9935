package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// writePackages makes a Debian package for each Linux processor. Where dpkg-deb
// is missing it says so and leaves them out.
func writePackages(ctx context.Context, s source, version, dir string) error {
	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		fmt.Println("no dpkg-deb here: no Debian packages")
		return nil
	}
	for _, t := range targets {
		if t.system != "linux" {
			continue
		}
		if err := writePackage(ctx, s, t, version, dir); err != nil {
			return err
		}
	}
	return nil
}

// packaged is what goes where, with its mode.
var packaged = []struct {
	from, to string
	mode     os.FileMode
}{
	{"packaging/minamori.service", "usr/lib/systemd/system/minamori.service", 0o644},
	{"packaging/minamori-backup.service", "usr/lib/systemd/system/minamori-backup.service", 0o644},
	{"packaging/minamori-backup.timer", "usr/lib/systemd/system/minamori-backup.timer", 0o644},
	{"packaging/minamori.env", "etc/minamori/minamori.env", 0o640},
	{"packaging/debian/conffiles", "DEBIAN/conffiles", 0o644},
	{"packaging/debian/postinst", "DEBIAN/postinst", 0o755},
	{"packaging/debian/prerm", "DEBIAN/prerm", 0o755},
	{"packaging/debian/postrm", "DEBIAN/postrm", 0o755},
	{"packaging/debian/copyright", "usr/share/doc/minamori/copyright", 0o644},
	{"docs/operations.md", "usr/share/doc/minamori/operations.md", 0o644},
}

func writePackage(ctx context.Context, s source, t target, version, dir string) error {
	root, err := os.MkdirTemp("", "minamori-deb-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(root)
	if err := place(filepath.Join(dir, t.file(version)), filepath.Join(root, "usr/bin/minamori"), 0o755); err != nil {
		return err
	}
	for _, p := range packaged {
		if err := place(filepath.Join(s.dir, p.from), filepath.Join(root, p.to), p.mode); err != nil {
			return err
		}
	}
	if err := writeControl(root, t, version); err != nil {
		return err
	}
	file := filepath.Join(dir, "minamori_"+debianVersion(version)+"_"+t.processor+".deb")
	c := exec.CommandContext(ctx, "dpkg-deb", "--root-owner-group", "-Zxz", "--build", root, file)
	c.Env = append(os.Environ(), "SOURCE_DATE_EPOCH="+strconv.FormatInt(s.at.Unix(), 10))
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("dpkg-deb: %w: %s", err, out)
	}
	return nil
}

// debianVersion writes a version as Debian sorts it: a tilde comes before all.
func debianVersion(version string) string {
	return strings.Replace(strings.TrimPrefix(version, "v"), "-", "~", 1)
}

func place(from, to string, mode os.FileMode) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(to, b, mode); err != nil {
		return err
	}
	return os.Chmod(to, mode) // the umask may have cut it
}

func writeControl(root string, t target, version string) error {
	var size int64
	err := filepath.Walk(root, func(_ string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			size += info.Size()
		}
		return err
	})
	if err != nil {
		return err
	}
	text := fmt.Sprintf(`Package: minamori
Version: %s
Architecture: %s
Maintainer: Minamori project <minamori@example.org>
Installed-Size: %d
Depends: adduser
Recommends: ca-certificates, tzdata
Section: web
Priority: optional
Homepage: %s
Description: cybersecurity for all, for small companies (皆守)
 Small companies assess themselves, fix what is missing and are helped;
 a chamber, a prefecture or a buyer runs one installation for all of them.
 The service listens on this computer alone until told otherwise.
`, debianVersion(version), t.processor, size/1024, repository)
	return os.WriteFile(filepath.Join(root, "DEBIAN", "control"), []byte(text), 0o644)
}
