package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"

	"github.com/minamori-project/minamori/domain/closing"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/count"
)

// closing builds the room that ends companies and forgets people.
func (h *House) closing() *closing.Room {
	return closing.New(closing.Config{
		DB: h.DB, Now: h.now, Org: h.Org, Jobs: h.Jobs, Folder: filepath.Join(h.store.Data, "exports"),
		Parts: h.parts(), Closers: h.closers(), Erasers: h.erasers(), Address: h.address,
	})
}

func (h *House) address(ctx context.Context, account string) (string, error) {
	p, err := h.person(ctx, account)
	return p.Email, err
}

func (h *House) person(ctx context.Context, account string) (org.Person, error) {
	all, err := h.people(ctx, []string{account})
	return all[account], err
}

// parts is what a company takes with it: rooms add a line each.
func (h *House) parts() []closing.Part {
	return []closing.Part{
		{Room: "company", Export: func(ctx context.Context, id string, add closing.Add) error { return h.Org.Export(ctx, org.ID(id), add) }},
		{Room: "answers", Export: h.Assess.Export},
		{Room: "files", Export: h.Files.Export},
		{Room: "helpers", Export: func(ctx context.Context, id string, add closing.Add) error {
			return h.Helper.Export(ctx, org.ID(id), add)
		}},
		{Room: "emergency", Export: func(ctx context.Context, id string, add closing.Add) error {
			numbers, err := h.Emergency.Export(ctx, id)
			if err != nil {
				return err
			}
			return add("numbers.json", func(w io.Writer) error { return jsonTo(w, numbers) })
		}},
		{Room: "papers", Export: h.Approval.Export},
		{Room: "binding", Export: h.Binding.Export},
		{Room: "webhooks", Export: h.Webhook.Export},
		{Room: "desk", Export: func(ctx context.Context, id string, add closing.Add) error {
			return h.Desk.Export(ctx, org.ID(id), add)
		}},
		{Room: "recovery", Export: h.Recovery.Export},
		{Room: "policy", Export: h.Policy.Export},
		{Room: "record", Export: h.Record.Export},
		{Room: "star", Export: h.Star.Export},
		{Room: "review", Export: h.Review.Export},
		{Room: "exchange", Export: h.Exchange.Export},
		{Room: "plan", Export: h.Plan.Export},
		{Room: "board", Export: h.Board.Export},
		{Room: "mapping", Export: h.Mapping.Export},
	}
}

// closers delete what is kept of a company: rooms add a line each, before the
// floor; org comes last, since the rest asks it. TestClosingLeavesNothing fails
// while a table keeps rows of a company.
func (h *House) closers() []closing.Closer {
	return []closing.Closer{
		{Room: "helper", Close: func(ctx context.Context, id string) error { return h.Helper.Close(ctx, org.ID(id)) }},
		{Room: "emergency", Close: func(ctx context.Context, id string) error {
			return h.DB.Write(ctx, func(ctx context.Context) error { return h.Emergency.Close(ctx, id) })
		}},
		{Room: "desk", Close: h.Desk.Close},
		{Room: "recovery", Close: h.Recovery.Close},
		{Room: "policy", Close: h.Policy.Close},
		{Room: "record", Close: h.Record.Close},
		{Room: "star", Close: h.Star.Close},
		{Room: "review", Close: h.Review.Close},
		{Room: "exchange", Close: h.Exchange.Close},
		{Room: "plan", Close: h.Plan.Close},
		{Room: "board", Close: h.Board.Close},
		{Room: "mapping", Close: h.Mapping.Close},
		{Room: "webhook", Close: h.Webhook.Close},
		{Room: "binding", Close: h.Binding.Close},
		{Room: "approval", Close: h.Approval.Close},
		{Room: "assess", Close: h.Assess.Close},
		{Room: "count", Close: func(ctx context.Context, id string) error {
			return h.DB.Write(ctx, func(ctx context.Context) error { return count.Forget(ctx, id) })
		}},
		{Room: "blob", Close: h.Files.Close},
		{Room: "auth", Close: h.Accounts.Close},
		{Room: "job", Close: h.Jobs.Close},
		{Room: "org", Close: func(ctx context.Context, id string) error { return h.Org.Close(ctx, org.ID(id)) }},
	}
}

// erasers delete what is kept of a person: rooms add a line each. org comes first,
// since it refuses the only owner; auth last, since the others ask it for a name.
func (h *House) erasers() []closing.Eraser {
	return []closing.Eraser{
		{Room: "org", Erase: h.Org.Erase},
		{Room: "helper", Erase: h.Helper.Erase},
		{Room: "recovery", Erase: h.Recovery.Erase},
		{Room: "policy", Erase: h.Policy.Erase},
		{Room: "record", Erase: h.Record.Erase},
		{Room: "star", Erase: h.Star.Erase},
		{Room: "review", Erase: h.Review.Erase},
		{Room: "exchange", Erase: h.Exchange.Erase},
		{Room: "plan", Erase: h.Plan.Erase},
		{Room: "board", Erase: h.Board.Erase},
		{Room: "mapping", Erase: h.Mapping.Erase},
		{Room: "binding", Erase: h.Binding.Erase},
		{Room: "papers", Erase: func(ctx context.Context, account string) error {
			p, err := h.person(ctx, account)
			return errors.Join(err, h.Approval.Erase(ctx, account, p.Name, p.Email))
		}},
		{Room: "assess", Erase: func(ctx context.Context, account string) error {
			p, err := h.person(ctx, account)
			return errors.Join(err, h.Assess.Erase(ctx, p.Name))
		}},
		{Room: "desk", Erase: func(ctx context.Context, account string) error {
			p, err := h.person(ctx, account)
			return errors.Join(err, h.Desk.Erase(ctx, p.Name, p.Email))
		}},
		{Room: "auth", Erase: h.Accounts.Erase},
	}
}

func jsonTo(w io.Writer, v any) error { return json.NewEncoder(w).Encode(v) }
