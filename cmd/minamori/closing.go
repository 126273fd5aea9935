package main

import (
	"context"
	"encoding/json"
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
	people, err := h.Accounts.AccountsByID(ctx, []string{account})
	return people[account].Email, err
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
		{Room: "auth", Erase: h.Accounts.Erase},
	}
}

func jsonTo(w io.Writer, v any) error { return json.NewEncoder(w).Encode(v) }
