package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"

	"github.com/minamori-project/minamori/internal/backup"
	"github.com/minamori-project/minamori/internal/fetch"
)

type backupDrillCmd struct {
	Store
	Output
	Backup   string   `arg:"" optional:"" type:"existingdir" help:"Folder of a backup, or of several: then the newest. Without one a new one is made."`
	Identity []string `type:"existingfile" help:"File with the age identity that opens the backup."`
	Key      string   `type:"existingfile" help:"File with the installation key, when the backup has none."`
}

// drilled is what a rehearsal found.
type drilled struct {
	restored
	Made    bool          `json:"made"`  // the backup was made for the rehearsal
	Bytes   int64         `json:"bytes"` // of the backup
	Page    int           `json:"page"`  // status of the page that was read
	Copying time.Duration `json:"copying_ns"`
	Loading time.Duration `json:"loading_ns"`
}

// Run rehearses a restore in a temporary folder, and removes it.
func (k backupDrillCmd) Run(c *console) error { return backupProblem(k.run(c)) }

func (k backupDrillCmd) run(c *console) error {
	dir, err := os.MkdirTemp("", "minamori-drill-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	var did drilled
	began := time.Now()
	var own *age.X25519Identity
	if k.Backup == "" {
		did.Made = true
		if own, err = age.GenerateX25519Identity(); err != nil {
			return err
		}
		k.Backup = filepath.Join(dir, "backup")
		if err := k.take(c, own); err != nil {
			return err
		}
		did.Copying = time.Since(began)
	}
	r, err := newRestoring(c, k.Backup, k.Identity)
	if err != nil {
		return err
	}
	if own != nil {
		r.ids = append(r.ids, own)
	}
	r.key = k.Key
	if _, err := os.Stat(k.ledger()); err == nil {
		r.ledger = k.ledger()
	}
	r.to = Store{Data: filepath.Join(dir, "data"), Ledger: filepath.Join(dir, "ledger"), LogLevel: k.LogLevel}
	if err := os.Mkdir(r.to.Data, 0o700); err != nil {
		return err
	}
	began = time.Now()
	if err := r.make(); err != nil {
		return err
	}
	did.Loading = time.Since(began)
	if did.Page, err = r.page(); err != nil {
		return err
	}
	did.restored, did.Bytes = r.did, r.b.Size()
	return k.print(c, did, func(w io.Writer) { did.tell(w, r) })
}

func (k backupDrillCmd) take(c *console, own *age.X25519Identity) error {
	to, err := backup.ParseRecipients([]string{own.Recipient().String()})
	if err != nil {
		return err
	}
	_, err = takeBackup(c, k.Store, k.Backup, to, true)
	return err
}

// page serves what was restored on loopback, without jobs and mail, and reads the
// page on which people log in.
func (r *restoring) page() (status int, err error) {
	h, err := r.house()
	if err != nil {
		return 0, err
	}
	defer h.close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	server := &http.Server{Handler: h.Handler, ReadHeaderTimeout: 10 * time.Second, ErrorLog: quietLog}
	go func() { _ = server.Serve(l) }()
	defer func() { _ = server.Close() }()
	ctx, cancel := context.WithTimeout(r.ctx, 30*time.Second)
	defer cancel()
	caller := fetch.New(fetch.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Log: h.log})
	answer, err := caller.Get(ctx, "http://"+l.Addr().String()+"/login", 1<<20)
	if err == nil && answer.Status != http.StatusOK {
		err = fmt.Errorf("the restored server answered %d", answer.Status)
	}
	return answer.Status, err
}

func (d drilled) tell(w io.Writer, r *restoring) {
	r.tell(w)
	if d.Made {
		fmt.Fprintf(w, "backup made in %s\n", d.Copying.Round(time.Millisecond))
	}
	fmt.Fprintf(w, "backup of %d bytes checked, restored and verified in %s\n", d.Bytes, d.Loading.Round(time.Millisecond))
	fmt.Fprintf(w, "the restored server answered a page with %d; everything of the rehearsal is removed\n", d.Page)
}
