package auth

import (
	"context"
	"slices"
	"time"
)

// What a device remembers of who uses it: only names that were asked to be kept,
// and nothing that lets anybody in.
const (
	MaxHere = 5
	HereFor = 180 * 24 * time.Hour
	hereKey = "here" // of the slip
)

// Here lists the accounts that a device remembers, the newest first. note is its
// sealed cookie: it holds ids, so nobody can put other people's into it.
func (k *Keeper) Here(note string) []string {
	var ids []string
	if _, err := k.openSlip(hereKey, "", note, &ids); err != nil {
		return nil
	}
	return ids
}

// WithHere is the note of a device that remembers one more account. The one that
// came first makes room.
func (k *Keeper) WithHere(note, account string) (string, error) {
	ids := append([]string{account}, slices.DeleteFunc(k.Here(note), func(id string) bool { return id == account })...)
	return k.newSlip(hereKey, "", HereFor, ids[:min(len(ids), MaxHere)])
}

// WithoutHere is the note of a device that forgets an account; "" when it
// remembers nobody any more.
func (k *Keeper) WithoutHere(note, account string) (string, error) {
	ids := slices.DeleteFunc(k.Here(note), func(id string) bool { return id == account })
	if len(ids) == 0 {
		return "", nil
	}
	return k.newSlip(hereKey, "", HereFor, ids)
}

// PeopleHere are the accounts that a device remembers, in the order of Here.
func (k *Keeper) PeopleHere(ctx context.Context, note string) ([]Account, error) {
	ids := k.Here(note)
	found, err := k.AccountsByID(ctx, ids)
	people := make([]Account, 0, len(ids))
	for _, id := range ids {
		if a, ok := found[id]; ok {
			people = append(people, a)
		}
	}
	return people, err
}
