package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/minamori-project/minamori/internal/backup"
	"github.com/minamori-project/minamori/internal/blob"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/job"
	"github.com/minamori-project/minamori/internal/problem"
)

type backupCmd struct {
	Take  backupTakeCmd  `cmd:"" default:"withargs" help:"Copy the installation into a folder, while it runs (the default)."`
	Drill backupDrillCmd `cmd:"" help:"Rehearse: restore a backup into a temporary folder, check it, read a page, remove it."`
}

type backupTakeCmd struct {
	Store
	Output
	Sealing
	Folder     string `arg:"" type:"path" help:"Folder that holds the backups; on another disk than the data."`
	WithoutKey bool   `name:"without-key" help:"Leave the installation key out; keep a copy of it elsewhere."`
}

// Sealing says who can open a backup.
type Sealing struct {
	Recipient      []string `placeholder:"age1…" help:"age public key of somebody who can open the backup; may be given more than once."`
	RecipientsFile []string `name:"recipients-file" type:"existingfile" help:"File with age public keys, one a line."`
	Plain          bool     `help:"Leave the backup readable to whoever gets hold of it."`
}

// recipients refuses to leave a backup plain unless that was asked for.
// keys: problem.backup-recipient.title, problem.backup-recipient.hint
func (s Sealing) recipients() (backup.Recipients, error) {
	lines := s.Recipient
	for _, name := range s.RecipientsFile {
		b, err := os.ReadFile(name)
		if err != nil {
			return backup.Recipients{}, err
		}
		lines = append(lines, string(b))
	}
	to, err := backup.ParseRecipients(lines)
	if err != nil {
		return to, problem.New(http.StatusBadRequest, "backup-recipient", "why", err.Error())
	}
	if to.None() != s.Plain {
		return to, problem.New(http.StatusBadRequest, "backup-recipient", "why", "--recipient / --plain")
	}
	return to, nil
}

// Run makes a backup.
func (k backupTakeCmd) Run(c *console) error {
	to, err := k.recipients()
	if err != nil {
		return err
	}
	m, err := takeBackup(c, k.Store, k.Folder, to, !k.WithoutKey)
	if err != nil {
		return backupProblem(err)
	}
	return k.print(c, m, func(w io.Writer) { tellBackup(w, m) })
}

func tellBackup(w io.Writer, m backup.Manifest) {
	fmt.Fprintf(w, "backup: %s\n", m.ID)
	fmt.Fprintf(w, "%d rows of %d tables, %d files (%d copied now), %d bytes\n", m.Rows(), len(m.Tables), m.Files.Count, m.Files.Copied, m.Size())
	if m.Jobs > 0 {
		fmt.Fprintf(w, "not in it: %d unfinished jobs\n", m.Jobs)
	}
	if !m.Sealed() {
		fmt.Fprintln(w, "note: it is not encrypted")
	}
}

// takeBackup reads the database as it stands: a program that is newer must not
// change it before it was copied.
func takeBackup(c *console, s Store, folder string, to backup.Recipients, withKey bool) (backup.Manifest, error) {
	if _, err := os.Stat(s.database()); s.DatabaseURL == "" && err != nil {
		return backup.Manifest{}, problem.New(http.StatusNotFound, "no-database", "folder", s.Data)
	}
	if err := s.prepare(); err != nil {
		return backup.Manifest{}, err
	}
	release, err := lockBackups(folder)
	if err != nil {
		return backup.Manifest{}, err
	}
	defer release()
	d, err := db.Open(c.ctx, s.database())
	if err != nil {
		return backup.Manifest{}, err
	}
	defer d.Close()
	source := backup.Source{
		DB: d, Schemas: schemas(), Files: filepath.Join(s.Data, "files"), Contents: blob.Contents, Jobs: job.Unfinished,
		Folder: folder, To: to, Program: buildInfo().Version, Now: c.now, Progress: c.progress(),
	}
	if withKey {
		source.Key = filepath.Join(s.Data, keyFile)
	}
	return backup.Take(c.ctx, source)
}

// keyFile is the installation key in the data folder.
const keyFile = "installation.key"

// lockBackups lets one process at a time write into a folder of backups.
// keys: problem.backup-busy.title, problem.backup-busy.hint
func lockBackups(folder string) (release func(), err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	return lockFileIn(folder, ".lock", "backup-busy")
}

// progress writes how far it is, at most once a second.
func (c *console) progress() func(stage string, done, total int64) {
	var last time.Time
	return func(stage string, done, total int64) {
		if now := time.Now(); now.Sub(last) >= time.Second {
			last = now
			if total > 0 {
				fmt.Fprintf(c.err, "%s: %d of %d\n", stage, done, total)
				return
			}
			fmt.Fprintf(c.err, "%s: %d\n", stage, done)
		}
	}
}

// backupProblem words what can be wrong with a backup.
// keys: problem.backup-none.title, problem.backup-none.hint, problem.backup-damaged.title, problem.backup-damaged.hint
// keys: problem.backup-newer.title, problem.backup-newer.hint, problem.backup-identity.title, problem.backup-identity.hint
// keys: problem.stopped.title, problem.stopped.hint
func backupProblem(err error) error {
	if err == nil || problem.As(err) != nil {
		return err
	}
	for _, known := range []struct {
		err  error
		code string
	}{
		{context.Canceled, "stopped"},
		{syscall.ENOSPC, "disk-full"},
		{backup.ErrNone, "backup-none"},
		{backup.ErrNewer, "backup-newer"},
		{db.ErrNewer, "backup-newer"},
		{backup.ErrDamaged, "backup-damaged"},
		{backup.ErrClosed, "backup-identity"},
	} {
		if errors.Is(err, known.err) {
			return problem.New(http.StatusConflict, known.code, "why", err.Error())
		}
	}
	return err
}
