// Package content carries what experts edit and programmers do not: the texts
// of the product and the framework packs.
//
// Words: a pack is one edition of one framework (frameworks/<id>.yaml, checked
// against frameworks/schema.json); a text is one sentence in three registers
// (i18n/<room>.yaml); a contact is a body to call (emergency/contacts.yaml);
// a paper is what a host hands out (host/<paper>.yaml); a policy is what a company
// adopts (policies/<document>.yaml); a word is what no text says of a thing
// (wording/words.yaml).
//
// Rules: data only, never code. Every pack names its source, its edition and
// its validity, and says what has not been verified. Official numbers are used;
// official wording is not: all sentences are our own.
//
// Neighbours: none. Only cmd and tests import it, and hand the file systems to
// the rooms that read them.
//
// It does not parse, check or choose anything; domain/assess and internal/i18n
// do.
package content

import (
	"embed"
	"io/fs"
)

//go:embed duties emergency forms frameworks host i18n ledgers mappings policies qualifications stars wording
var files embed.FS

// Duties returns the folder of what a company does every year.
func Duties() fs.FS { return sub("duties") }

// Emergency returns the folder that says whom to call.
func Emergency() fs.FS { return sub("emergency") }

// Forms returns the folder of requests that somebody approves.
func Forms() fs.FS { return sub("forms") }

// Frameworks returns the folder of framework packs, schema.json among them.
func Frameworks() fs.FS { return sub("frameworks") }

// Host returns the folder of papers that a host hands out.
func Host() fs.FS { return sub("host") }

// Ledgers returns the folder of lists that a company keeps.
func Ledgers() fs.FS { return sub("ledgers") }

// Mappings returns the folder that says how frameworks relate, schema.json among
// them.
func Mappings() fs.FS { return sub("mappings") }

// Policies returns the folder that policies and rule books are written from.
func Policies() fs.FS { return sub("policies") }

// Stars returns the folder of dated facts about the ways to a star.
func Stars() fs.FS { return sub("stars") }

// Qualifications returns the folder of what a specialist can name.
func Qualifications() fs.FS { return sub("qualifications") }

// Texts returns the folder of text catalogues, one file per room.
func Texts() fs.FS { return sub("i18n") }

// Wording returns the folder with the words that no text may say.
func Wording() fs.FS { return sub("wording") }

func sub(dir string) fs.FS {
	tree, err := fs.Sub(files, dir)
	if err != nil {
		// Only an invalid path can fail here, and both are written above.
		panic(err)
	}
	return tree
}
