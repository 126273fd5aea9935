package emergency

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the tables of this room.
func Schema() db.Schema { return db.Embedded("emergency", schemaFiles) }

// Contact is a public body that helps, with where and when that was seen.
type Contact struct {
	ID       string    `yaml:"id" json:"id"`
	Name     i18n.Text `yaml:"name" json:"name"`
	When     i18n.Text `yaml:"when" json:"when"`
	Phones   []string  `yaml:"phones" json:"phones,omitempty"`
	Mail     string    `yaml:"mail" json:"mail,omitempty"`
	Hours    i18n.Text `yaml:"hours" json:"hours"`
	Source   string    `yaml:"source" json:"source"`
	Seen     string    `yaml:"seen" json:"seen"`         // day, as 2026-11-24
	Verified bool      `yaml:"verified" json:"verified"` // on the body's own page
}

// seen is the day as a time in Japan.
func (c Contact) seen() time.Time {
	day, _ := time.ParseInLocation(time.DateOnly, c.Seen, i18n.Tokyo) // checked when it was loaded
	return day
}

// LoadContacts reads contacts.yaml. The error names the contact that is wrong.
func LoadContacts(fsys fs.FS) ([]Contact, error) {
	f, err := fsys.Open("contacts.yaml")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil {
		return nil, err
	}
	var file struct {
		Contacts []Contact `yaml:"contacts"`
	}
	if err := yaml.UnmarshalWithOptions(raw, &file, yaml.Strict()); err != nil {
		return nil, errors.New(yaml.FormatError(err, false, false))
	}
	for _, c := range file.Contacts {
		if err := c.check(); err != nil {
			return nil, fmt.Errorf("contact %q: %w", c.ID, err)
		}
	}
	return file.Contacts, nil
}

func (c Contact) check() error {
	for _, t := range []i18n.Text{c.Name, c.When} {
		if t.JA == "" || t.Easy == "" || t.EN == "" {
			return errors.New("a text lacks a register")
		}
	}
	if c.Source == "" {
		return errors.New("it has no source")
	}
	_, err := time.Parse(time.DateOnly, c.Seen)
	return err
}

// Places are whom a company calls itself, in the order of the sheet.
// keys: emergency.place.*
var Places = []string{"owner", "manager", "it_vendor", "network", "service", "insurance", "buyer", "lawyer"}

// Config is what a Room stands on.
type Config struct {
	DB       *db.DB
	Now      func() time.Time
	Contacts []Contact
}

// Room is the capability.
type Room struct{ Config }

// New makes the room.
func New(cfg Config) *Room { return &Room{cfg} }
