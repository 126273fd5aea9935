package exchange

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/format/sheet"
	"github.com/minamori-project/minamori/internal/blob"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// Layout is the own sheet of a customer and how it is filled.
type Layout struct {
	ID       string    `json:"id"`
	Pack     string    `json:"framework"`
	Customer string    `json:"customer"`
	File     string    `json:"file"`
	MadeBy   string    `json:"made_by"`
	Created  time.Time `json:"created"`
	Changed  time.Time `json:"changed"`

	blob  string
	shape shape
}

const layoutColumns = "id, pack, customer, file, blob_id, made_by, created, changed, shape"

func layoutOf(ctx context.Context, org, id string) (l Layout, err error) {
	var text string
	l, err = db.One(ctx, func(l *Layout) []any {
		return []any{&l.ID, &l.Pack, &l.Customer, &l.File, &l.blob, &l.MadeBy, db.At(&l.Created), db.At(&l.Changed), &text}
	}, "SELECT "+layoutColumns+" FROM exchange_layout WHERE id = ? AND org_id = ?", id, org)
	if errors.Is(err, db.ErrNone) {
		return l, problem.NotFound()
	}
	if err == nil {
		err = parsed(text, &l.shape)
	}
	return l, err
}

// layouts lists those of a company, by customer.
func layouts(ctx context.Context, org string) ([]Layout, error) {
	return db.Rows(ctx, func(l *Layout) []any {
		return []any{&l.ID, &l.Pack, &l.Customer, &l.File, &l.MadeBy, db.At(&l.Created), db.At(&l.Changed)}
	}, "SELECT id, pack, customer, file, made_by, created, changed FROM exchange_layout WHERE org_id = ? ORDER BY customer, id", org)
}

// maxLayouts is how many sheets of customers a company may keep.
const maxLayouts = 50

// maxCustomer is how many characters the name of a customer may have.
const maxCustomer = 80

// customerNamed tidies the name of a customer.
// keys: field.exchange-customer, problem.exchange-layouts.title, problem.exchange-layouts.hint
func customerNamed(name string) (string, error) {
	name = short(name)
	var v problem.Invalid
	v.Check(name != "" && utf8.RuneCountInString(name) <= maxCustomer && !strings.ContainsFunc(name, assess.Unseen), "customer", "exchange-customer")
	return name, v.Or()
}

// AddLayout keeps the sheet of a customer with a guess at how it is laid out.
func (rm *Room) AddLayout(ctx context.Context, org, pack, customer string, u web.Upload) (string, error) {
	p, err := rm.pack(pack)
	if err != nil {
		return "", err
	}
	if customer, err = customerNamed(customer); err != nil {
		return "", err
	}
	data, err := received(u, "sheet")
	if err != nil {
		return "", err
	}
	s, err := guessed(ctx, p, data)
	if err != nil {
		return "", err
	}
	id := db.NewID()
	_, err = rm.Files.Put(ctx, org, actor(ctx), u.Name, bytes.NewReader(data), sheet.MaxFile, func(ctx context.Context, f blob.File) error {
		n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM exchange_layout WHERE org_id = ?", org)
		if err != nil {
			return err
		}
		if n >= maxLayouts {
			return problem.New(http.StatusTooManyRequests, "exchange-layouts", "n", maxLayouts)
		}
		now := db.Text(rm.Now())
		if _, err := db.Exec(ctx, `
			INSERT INTO exchange_layout (id, org_id, pack, customer, file, blob_id, shape, made_by, created, changed)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, id, org, pack, customer, f.Name, f.ID, stored(s), actor(ctx), now, now); err != nil {
			return err
		}
		return rm.note(ctx, org, "layout-added", id, words{Pack: pack, Name: customer, N: s.known()})
	})
	return id, err
}

// guessed reads a workbook and guesses how it is laid out.
func guessed(ctx context.Context, p *assess.Pack, data []byte) (s shape, err error) {
	err = alone(ctx, func() error {
		b, err := openBook(ctx, data)
		if err != nil {
			return err
		}
		defer b.Close()
		s = b.guess(p)
		return nil
	})
	return s, err
}

// Reshape is what somebody says of a sheet; columns and the row as the form sends them.
type Reshape struct {
	Customer string            `json:"customer"`
	Sheet    string            `json:"sheet"`
	First    int               `json:"first"` // from 1, as the reader counts
	Columns  map[string]string `json:"columns"`
	Words    map[string]string `json:"words"`
	Items    map[string]string `json:"items"` // signs of items by row, from 0
}

// reshaped reads a workbook again with what somebody said of it.
// keys: field.exchange-sheet, field.exchange-first, field.exchange-column, field.exchange-word, field.exchange-item
func reshaped(ctx context.Context, p *assess.Pack, old shape, in Reshape, data []byte) (s shape, err error) {
	err = alone(ctx, func() error {
		b, err := openBook(ctx, data)
		if err != nil {
			return err
		}
		defer b.Close()
		if s, err = b.reshape(p, old, in); err != nil {
			return err
		}
		b.read(p, &s)
		return nil
	})
	return s, err
}

func (b *book) reshape(p *assess.Pack, old shape, in Reshape) (shape, error) {
	s := shape{Sheet: in.Sheet, First: in.First - 1, Key: none, Answer: none, Memo: none, Text: none, Words: map[string]string{}, Own: map[string]string{}, Sheets: old.Sheets}
	var v problem.Invalid
	t := b.table(in.Sheet)
	v.Check(t != nil, "sheet", "exchange-sheet")
	v.Check(in.First >= 1 && in.First <= sheet.MaxRows, "first", "exchange-first", "n", sheet.MaxRows)
	for name, into := range map[string]*int{"key": &s.Key, "answer": &s.Answer, "memo": &s.Memo, "text": &s.Text} {
		said := in.Columns[name]
		if said == "" {
			v.Check(name == "memo" || name == "text", "columns."+name, "exchange-column")
			continue
		}
		n, err := strconv.Atoi(said)
		if v.Check(err == nil && n >= 0 && n < sheet.MaxColumns, "columns."+name, "exchange-column"); err == nil {
			*into = n
		}
	}
	v.Check(s.Answer != s.Key, "columns.answer", "exchange-column")
	for code, word := range in.Words {
		if p.Choice(code) == nil {
			continue
		}
		word = strings.TrimSpace(word)
		v.Check(utf8.RuneCountInString(word) <= maxWord && !strings.ContainsFunc(word, assess.Unseen), "words."+code, "exchange-word", "n", maxWord)
		if word != "" {
			s.Words[code] = word
		}
	}
	b.own(p, &s, old, in.Items, &v)
	return s, v.Or()
}

// own ties the signs of a sheet that has numbers of its own to items. What was tied
// before stays, unless it is said otherwise.
func (b *book) own(p *assess.Pack, s *shape, old shape, said map[string]string, v *problem.Invalid) {
	known, t := items(p), b.table(s.Sheet)
	for sign, item := range old.Own {
		s.Own[sign] = item
	}
	for row, item := range said {
		n, err := strconv.Atoi(row)
		if err != nil || t == nil || n < 0 {
			continue
		}
		sign := folded(short(t.Cell(n, s.Key)))
		if sign == "" {
			continue
		}
		if item = folded(item); item == "" {
			delete(s.Own, sign)
			continue
		}
		v.Check(known[item] != "", "items."+row, "exchange-item")
		s.Own[sign] = known[item]
	}
}

// SetLayout corrects how a sheet is laid out.
func (rm *Room) SetLayout(ctx context.Context, org, id string, in Reshape) error {
	l, p, data, err := rm.layoutFile(ctx, org, id)
	if err != nil {
		return err
	}
	customer, err := customerNamed(in.Customer)
	if err != nil {
		return err
	}
	s, err := reshaped(ctx, p, l.shape, in, data)
	if err != nil {
		return err
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		if _, err := layoutOf(ctx, org, id); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, "UPDATE exchange_layout SET customer = ?, shape = ?, changed = ? WHERE id = ? AND org_id = ?",
			customer, stored(s), db.Text(rm.Now()), id, org); err != nil {
			return err
		}
		return rm.note(ctx, org, "layout-changed", id, words{Name: customer, N: s.known()})
	})
}

// layoutFile reads a layout with its file.
func (rm *Room) layoutFile(ctx context.Context, org, id string) (l Layout, p *assess.Pack, data []byte, err error) {
	err = rm.DB.Read(ctx, func(ctx context.Context) error {
		l, err = layoutOf(ctx, org, id)
		return err
	})
	if err != nil {
		return l, nil, nil, err
	}
	if p, err = rm.pack(l.Pack); err != nil {
		return l, nil, nil, err
	}
	_, r, err := rm.Files.Open(ctx, org, l.blob)
	if err != nil {
		return l, nil, nil, err
	}
	defer r.Close()
	data, err = io.ReadAll(r)
	return l, p, data, err
}

// FilledLayout is a copy of the customer's file with the answers of the company.
func (rm *Room) FilledLayout(ctx context.Context, org, id string) (web.File, error) {
	l, p, data, err := rm.layoutFile(ctx, org, id)
	if err != nil {
		return web.File{}, err
	}
	if !l.shape.enough() {
		return web.File{}, notLaidOut()
	}
	answers, err := rm.Assess.Answers(ctx, org, p.ID)
	if err != nil {
		return web.File{}, err
	}
	return copyOf(ctx, data, l.File, &l.shape, answers)
}

// notLaidOut says that it is not known where the answers go.
// keys: problem.exchange-not-laid-out.title, problem.exchange-not-laid-out.hint
func notLaidOut() error { return problem.New(http.StatusConflict, "exchange-not-laid-out") }

func copyOf(ctx context.Context, data []byte, name string, s *shape, answers map[string]assess.Answer) (web.File, error) {
	b, _, err := filled(ctx, data, s, answers)
	return web.File{Name: name, Type: typeExcel, Write: func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	}}, err
}

// RemoveLayout takes a layout away, and the customer's file with it.
func (rm *Room) RemoveLayout(ctx context.Context, org, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		l, err := layoutOf(ctx, org, id)
		if err != nil {
			return err
		}
		if _, err := db.Exec(ctx, "DELETE FROM exchange_layout WHERE id = ? AND org_id = ?", id, org); err != nil {
			return err
		}
		if err := rm.Files.Delete(ctx, org, actor(ctx), l.blob); err != nil {
			return err
		}
		return rm.note(ctx, org, "layout-removed", id, words{Name: l.Customer})
	})
}
