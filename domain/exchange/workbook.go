package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/blob"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// Workbook is the official workbook of a framework, loaded by an operator. It and its
// sentences stay in this installation: nothing of it is part of the program.
type Workbook struct {
	ID       string    `json:"id"`
	Pack     string    `json:"framework"`
	File     string    `json:"file"`
	Digest   string    `json:"sha256"`
	Kept     bool      `json:"kept"`
	LoadedBy string    `json:"loaded_by"`
	LoadedAt time.Time `json:"loaded_at"`

	shape shape
}

// maxWorkbook is how many bytes a workbook may have: it lies in the database, since it
// belongs to no company.
const maxWorkbook = 8 << 20

// keepUnkept is how long a workbook waits for the operator's yes.
const keepUnkept = 24 * time.Hour

const workbookColumns = "id, pack, file, digest, kept, loaded_by, loaded_at"

func (w *Workbook) fields() []any {
	return []any{&w.ID, &w.Pack, &w.File, &w.Digest, &w.Kept, &w.LoadedBy, db.At(&w.LoadedAt)}
}

// workbooks lists all, the newest first.
func (rm *Room) workbooks(ctx context.Context) ([]Workbook, error) {
	return db.Rows(ctx, (*Workbook).fields, "SELECT "+workbookColumns+" FROM exchange_workbook WHERE kept OR loaded_at > ? ORDER BY loaded_at DESC, id", db.Text(rm.Now().Add(-keepUnkept)))
}

// workbookOf returns a workbook with its content where that is asked for.
func workbookOf(ctx context.Context, where string, args ...any) (w Workbook, data []byte, err error) {
	var text string
	w, err = db.One(ctx, func(w *Workbook) []any { return append(w.fields(), &text, &data) },
		"SELECT "+workbookColumns+", shape, content FROM exchange_workbook WHERE "+where, args...)
	if errors.Is(err, db.ErrNone) {
		return w, nil, problem.NotFound()
	}
	if err == nil {
		err = parsed(text, &w.shape)
	}
	return w, data, err
}

// LoadWorkbook reads a workbook and keeps it apart until an operator says that it was
// understood.
func (rm *Room) LoadWorkbook(ctx context.Context, pack string, u web.Upload) (string, error) {
	p, err := rm.pack(pack)
	if err != nil {
		return "", err
	}
	data, err := received(u, "file")
	if err != nil {
		return "", err
	}
	if len(data) > maxWorkbook {
		return "", badFile("large")
	}
	s, err := guessed(ctx, p, data)
	if err != nil {
		return "", err
	}
	id, digest := db.NewID(), sha256.Sum256(data)
	err = rm.DB.Write(ctx, func(ctx context.Context) error {
		if _, err := db.Exec(ctx, "DELETE FROM exchange_workbook WHERE NOT kept AND pack = ?", pack); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, `
			INSERT INTO exchange_workbook (id, pack, file, digest, content, shape, kept, loaded_by, loaded_at)
			VALUES (?, ?, ?, ?, ?, ?, FALSE, ?, ?)`,
			id, pack, blob.ScreenName(u.Name), hex.EncodeToString(digest[:]), data, stored(s), actor(ctx), db.Text(rm.Now())); err != nil {
			return err
		}
		return rm.note(ctx, "", "workbook-loaded", id, words{Pack: pack, N: s.known()})
	})
	return id, err
}

// SetWorkbook corrects how a workbook that waits is laid out.
func (rm *Room) SetWorkbook(ctx context.Context, id string, in Reshape) error {
	var w Workbook
	var data []byte
	err := rm.DB.Read(ctx, func(ctx context.Context) (err error) {
		w, data, err = waitingWorkbook(ctx, id)
		return err
	})
	if err != nil {
		return err
	}
	p, err := rm.pack(w.Pack)
	if err != nil {
		return err
	}
	s, err := reshaped(ctx, p, w.shape, in, data)
	if err != nil {
		return err
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		if _, _, err := waitingWorkbook(ctx, id); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, "UPDATE exchange_workbook SET shape = ? WHERE id = ?", stored(s), id); err != nil {
			return err
		}
		return rm.note(ctx, "", "workbook-changed", id, words{N: s.known()})
	})
}

func waitingWorkbook(ctx context.Context, id string) (Workbook, []byte, error) {
	w, data, err := workbookOf(ctx, "id = ?", id)
	if err == nil && w.Kept {
		err = problem.New(http.StatusConflict, "exchange-decided")
	}
	return w, data, err
}

// maxWording is how many characters of an official sentence are kept.
const maxWording = 4_000

// KeepWorkbook takes a workbook and its wording into this installation. The one before
// it goes.
func (rm *Room) KeepWorkbook(ctx context.Context, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		w, _, err := waitingWorkbook(ctx, id)
		if err != nil {
			return err
		}
		if w.shape.known() == 0 {
			return notLaidOut()
		}
		if err := forgetWorkbook(ctx, w.Pack); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, "UPDATE exchange_workbook SET kept = TRUE, loaded_by = ?, loaded_at = ? WHERE id = ?", actor(ctx), db.Text(rm.Now()), id); err != nil {
			return err
		}
		for item, text := range w.shape.wording() {
			if _, err := db.Exec(ctx, "INSERT INTO exchange_wording (pack, item, words) VALUES (?, ?, ?)", w.Pack, item, text); err != nil {
				return err
			}
		}
		return rm.note(ctx, "", "workbook-kept", id, words{Pack: w.Pack, N: w.shape.known()})
	})
}

// wording is the sentence of each item; what stands in several rows is joined.
func (s *shape) wording() map[string]string {
	all := map[string]string{}
	for _, l := range s.Lines {
		if l.Item == "" || l.Text == "" {
			continue
		}
		text := l.Text
		if before := all[l.Item]; before != "" && before != text {
			text = before + "\n" + text
		}
		if r := []rune(text); len(r) > maxWording {
			text = string(r[:maxWording])
		}
		all[l.Item] = text
	}
	return all
}

func forgetWorkbook(ctx context.Context, pack string) error {
	if _, err := db.Exec(ctx, "DELETE FROM exchange_workbook WHERE kept AND pack = ?", pack); err != nil {
		return err
	}
	_, err := db.Exec(ctx, "DELETE FROM exchange_wording WHERE pack = ?", pack)
	return err
}

// RemoveWorkbook takes a workbook and its wording out of this installation.
func (rm *Room) RemoveWorkbook(ctx context.Context, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		w, _, err := workbookOf(ctx, "id = ?", id)
		if err != nil {
			return err
		}
		if w.Kept {
			err = forgetWorkbook(ctx, w.Pack)
		} else {
			_, err = db.Exec(ctx, "DELETE FROM exchange_workbook WHERE id = ?", id)
		}
		if err != nil {
			return err
		}
		return rm.note(ctx, "", "workbook-removed", id, words{Pack: w.Pack})
	})
}

// official says for which packs answers can be written into the official workbook.
func official(ctx context.Context) (map[string]bool, error) {
	all := map[string]bool{}
	packs, err := db.Rows(ctx, func(s *string) []any { return []any{s} }, "SELECT pack FROM exchange_workbook WHERE kept")
	for _, p := range packs {
		all[p] = true
	}
	return all, err
}

// FilledWorkbook is a copy of the official workbook with the answers of a company.
func (rm *Room) FilledWorkbook(ctx context.Context, org, pack string) (web.File, error) {
	if _, err := rm.pack(pack); err != nil {
		return web.File{}, err
	}
	w, data, err := workbookOf(ctx, "kept AND pack = ?", pack)
	if err != nil {
		return web.File{}, err
	}
	if !w.shape.enough() {
		return web.File{}, notLaidOut()
	}
	var answers map[string]assess.Answer
	if answers, err = rm.Assess.Answers(ctx, org, pack); err != nil {
		return web.File{}, err
	}
	return copyOf(ctx, data, w.File, &w.shape, answers)
}
