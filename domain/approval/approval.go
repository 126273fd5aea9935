package approval

import (
	"context"
	"embed"
	"time"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the tables of this room.
func Schema() db.Schema { return db.Embedded("approval", schemaFiles) }

// SheetFor is how long a sheet can be signed and uploaded.
const SheetFor = 30 * 24 * time.Hour

// maxOpen bounds the sheets of an organisation that wait for a signature.
const maxOpen = 50

// Field is something an act has to be told. Its label is the text
// approval.field.<Name>.
// keys: approval.field.*
type Field struct {
	Name string
	Kind ui.FieldKind // text, email or radio
	// Options are the choices of a radio field.
	Options func(ctx context.Context, org string) ([]ui.Option, error)
}

// Act is something that needs the owner. Its texts are approval.act.<Code> (what
// it is called) and whatever Sentences says.
// keys: approval.act.*
type Act struct {
	Code   string
	Fields []Field
	// Sentences are what the owner signs, in plain Japanese. An error is a problem
	// of what was typed.
	Sentences func(ctx context.Context, org string, inputs []string) ([]string, error)
	// Do does it, inside the transaction that records the sheet, and returns the
	// id of the record that it made or changed.
	Do func(ctx context.Context, org string, inputs []string) (subject string, err error)
	// Gains says whether an account would gain by the act: who is to become owner
	// cannot upload the sheet that makes him one. It may be nil.
	Gains func(ctx context.Context, account string, inputs []string) (bool, error)
}

// Config is what a Room stands on. The functions run in the transaction of their
// context, except KeepFile and DropFile, which bring their own.
type Config struct {
	DB   *db.DB
	Now  func() time.Time
	Acts []Act
	// Texts is for the printed sheet, which is in plain Japanese for everybody.
	Texts *i18n.Catalogue

	Organisation func(ctx context.Context, id string) (org.Organisation, error)
	// People returns the names of accounts; who is not in it has gone.
	People func(ctx context.Context, accounts []string) (map[string]string, error)
	// Uploaded is told, inside the transaction, that a signed sheet was uploaded,
	// so that the owners who do log in hear of it. It may be nil.
	Uploaded func(ctx context.Context, org, sheet string) error

	KeepFile func(ctx context.Context, org string, u web.Upload) (blob string, err error)
	OpenFile func(ctx context.Context, org, blob string) (web.File, error)
	DropFile func(ctx context.Context, org, blob string) error
}

// Room is the capability.
type Room struct {
	Config
}

// New makes the room. Acts with one code twice are a mistake of the program.
func New(cfg Config) *Room {
	seen := map[string]bool{}
	for _, a := range cfg.Acts {
		if seen[a.Code] {
			panic("approval: two acts are called " + a.Code)
		}
		seen[a.Code] = true
	}
	return &Room{cfg}
}

// act returns the act with the code, or nil.
func (rm *Room) act(code string) *Act {
	for i := range rm.Acts {
		if rm.Acts[i].Code == code {
			return &rm.Acts[i]
		}
	}
	return nil
}

// Phase is how a sheet stands.
type Phase string

// The phases.
// keys: approval.phase.*, approval.lead.*
const (
	Waiting   Phase = "waiting"
	Signed    Phase = "signed"
	Withdrawn Phase = "withdrawn"
	Expired   Phase = "expired"
	Denied    Phase = "denied"
)

// Sheet is one act to be signed, or signed.
type Sheet struct {
	ID        string    `json:"id"`
	Act       string    `json:"act"`
	Sentences []string  `json:"sentences"`
	MadeBy    string    `json:"-"` // account
	Created   time.Time `json:"created"`
	Expires   time.Time `json:"expires"`

	Signer     string    `json:"signer,omitempty"`
	SignedOn   string    `json:"signed_on,omitempty"`
	UploadedBy string    `json:"-"` // account
	UploadedAt time.Time `json:"uploaded_at"`
	Subject    string    `json:"subject,omitempty"`

	inputs      []string
	blob        string
	withdrawnAt time.Time
	deniedBy    string
	deniedAt    time.Time
}

// Phase is how the sheet stands at a time.
func (s Sheet) Phase(now time.Time) Phase {
	switch {
	case !s.deniedAt.IsZero():
		return Denied
	case !s.UploadedAt.IsZero():
		return Signed
	case !s.withdrawnAt.IsZero():
		return Withdrawn
	case !now.Before(s.Expires):
		return Expired
	}
	return Waiting
}

// Short is the number on the paper: enough to find the sheet in a list.
func (s Sheet) Short() string { return s.ID[:min(8, len(s.ID))] }
