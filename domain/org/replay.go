package org

import (
	"context"
	"errors"
	"fmt"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/web"
)

// The verbs of what is taken away; Replay knows each of them.
const (
	roleChanged       = "org.role-changed" // when it was lowered
	memberRemoved     = "org.member-removed"
	memberLeft        = "org.left"
	invitationRevoked = "org.invitation-revoked"
	circleLeft        = "org.circle-left"
	closedVerb        = "org.closed"
	paused            = "org.paused"
)

// Replay does again, after a restore of an older copy, what an entry took away.
// What is unknown or gone already is left alone. It may leave a company without
// an owner, when the one who followed came after the copy: then recovery helps.
func (rm *Room) Replay(ctx context.Context, e journal.Entry) error {
	id := ID(e.Org)
	switch e.Verb {
	case roleChanged:
		return rm.replayRole(ctx, id, e.Subject, web.RoleNamed(e.Detail))
	case memberRemoved, memberLeft:
		_, err := db.Exec(ctx, "UPDATE org_member SET left_at = ? WHERE org_id = ? AND account_id = ? AND left_at IS NULL", e.At, id, e.Subject)
		if err != nil {
			return err
		}
		return errors.Join(rm.revokeBeyond(ctx, id, e.Subject, web.Nobody), rm.revokeCodes(ctx, id, e.Subject))
	case invitationRevoked:
		_, err := db.Exec(ctx, `
			UPDATE org_invitation SET revoked_at = ?, email = ''
			WHERE org_id = ? AND id = ? AND used_at IS NULL AND revoked_at IS NULL`, e.At, id, e.Subject)
		return err
	case paused:
		// Whatever caused it may have come after the copy, and then nothing would
		// ever end the pause: an owner looks and confirms.
		return rm.Pause(ctx, id, PausedByRestore)
	case circleLeft:
		_, err := db.Exec(ctx, "UPDATE org_circle_member SET left_at = ? WHERE org_id = ? AND circle_id = ? AND left_at IS NULL", e.At, id, e.Subject)
		return err
	case closedVerb:
		return rm.Close(ctx, id)
	}
	return fmt.Errorf("org: %q is not replayed", e.Verb)
}

// replayRole lowers a role, and never raises one. An unknown role is the least.
func (rm *Room) replayRole(ctx context.Context, id ID, account string, role web.Role) error {
	if !role.InOrganisation() {
		role = web.Viewer
	}
	for higher := role + 1; higher.InOrganisation(); higher++ {
		_, err := db.Exec(ctx, "UPDATE org_member SET role = ? WHERE org_id = ? AND account_id = ? AND role = ? AND left_at IS NULL",
			role.String(), id, account, higher.String())
		if err != nil {
			return err
		}
	}
	return rm.revokeBeyond(ctx, id, account, role)
}

// Void ends every open invitation and circle code: they may have been withdrawn
// since the copy was made, and a copy may have been read by others. It joins the
// caller's transaction.
func (rm *Room) Void(ctx context.Context) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "UPDATE org_invitation SET revoked_at = ?, email = '' WHERE used_at IS NULL AND revoked_at IS NULL", rm.now())
		if err != nil {
			return err
		}
		_, err = db.Exec(ctx, "DELETE FROM org_circle_code WHERE used_at IS NULL")
		return err
	})
}
