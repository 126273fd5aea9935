package binding

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
)

// ByLetter binds an organisation to which a named body sent a letter, when the
// code of that letter was used. at is when. A body that is none is refused.
func (rm *Room) ByLetter(ctx context.Context, id, body string, at time.Time) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		if ok, err := rm.isBody(ctx, body); err != nil || !ok {
			return orNoBody(err)
		}
		return rm.show(ctx, Proof{Org: id, Kind: Letter, Body: body, Since: at, MadeBy: actor(ctx)})
	})
}

// ByGBizID binds an organisation for which somebody logged in at a provider that
// knows for whom he speaks. number is the provider's claim and must be the
// organisation's own.
func (rm *Room) ByGBizID(ctx context.Context, id, issuer, subject, number string) error {
	if rm.SpeaksForCompanies == nil || !rm.SpeaksForCompanies(issuer) {
		return problem.Forbidden()
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		o, err := rm.Organisation(ctx, id)
		if err != nil {
			return err
		}
		if number == "" || number != string(o.CorporateNumber) {
			return problem.New(http.StatusConflict, "binding-number")
		}
		known, err := db.Value[int](ctx, "SELECT COUNT(*) FROM binding_proof WHERE org_id = ? AND issuer = ? AND subject = ? AND ended_at IS NULL", id, issuer, subject)
		if err != nil || known > 0 {
			return err // each login says it again
		}
		return rm.show(ctx, Proof{Org: id, Kind: GBizID, issuer: issuer, subject: subject, Since: rm.Now(), MadeBy: actor(ctx)})
	})
}

// show keeps a proof that is in force from its beginning.
func (rm *Room) show(ctx context.Context, p Proof) error {
	o, err := rm.Organisation(ctx, p.Org)
	if err != nil {
		return err
	}
	p.ID, p.Number, p.Asked = db.NewID(), string(o.CorporateNumber), p.Since
	if err := rm.mayContest(ctx, p.Org, p.Number); err != nil {
		return err
	}
	if err := rm.insert(ctx, p); err != nil {
		return err
	}
	return rm.established(ctx, p)
}

func (rm *Room) insert(ctx context.Context, p Proof) error {
	_, err := db.Exec(ctx, `
		INSERT INTO binding_proof (id, org_id, kind, number, domain, body_id, reason, issuer, subject, made_by, asked_at, since, next_check, ended_by, ended_why)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '')`,
		p.ID, p.Org, string(p.Kind), none(p.Number), p.Domain, p.Body, p.Reason, p.issuer, p.subject, p.MadeBy, p.Asked, p.Since, p.nextCheck)
	return err
}

// established takes the number for a proof that is now in force, or contests it.
func (rm *Room) established(ctx context.Context, p Proof) error {
	if err := rm.note(ctx, p.Org, p.MadeBy, "binding.shown", p.ID, false, proofWords{Kind: p.Kind}); err != nil || p.Number == "" {
		return err
	}
	_, err := db.Exec(ctx, "INSERT INTO binding_holder (number, org_id, since) VALUES (?, ?, ?) ON CONFLICT (number) DO NOTHING", p.Number, p.Org, rm.Now())
	if err != nil {
		return err
	}
	holder, err := db.Value[string](ctx, "SELECT org_id FROM binding_holder WHERE number = ?", p.Number)
	if err != nil || holder == p.Org {
		return err
	}
	return rm.contest(ctx, p, holder)
}

// proofWords is what the journal keeps as text.
type proofWords struct {
	Kind   Kind   `json:"kind,omitempty"`
	Why    Why    `json:"why,omitempty"`
	Domain string `json:"domain,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// Why says why a proof ended.
type Why string

// The reasons.
const (
	WhyCompany    Why = "company"     // the company ended it
	WhyBody       Why = "body"        // the body took it back
	WhyGone       Why = "gone"        // the record was not there for longer than the grace
	WhyNeverThere Why = "never-there" // the record never came
	WhyEdited     Why = "edited"      // name, number or kind changed
	WhyDispute    Why = "dispute"     // two operators chose another side
	WhyWithdrew   Why = "withdrew"    // the company withdrew from a dispute
	WhyClosed     Why = "closed"      // the company was closed
)

// End ends one proof of an organisation, by the company.
func (rm *Room) End(ctx context.Context, id, proof string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		p, err := db.One(ctx, (*Proof).fields, "SELECT "+proofColumns+" FROM binding_proof p WHERE p.id = ? AND p.org_id = ? AND p.ended_at IS NULL", proof, id)
		if err != nil {
			return orNotFound(err)
		}
		return rm.end(ctx, p, actor(ctx), WhyCompany)
	})
}

// EndAll ends every proof of an organisation: it is closed, say, or is another
// one now.
func (rm *Room) EndAll(ctx context.Context, id string, why Why) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		all, err := rm.proofsOf(ctx, id)
		for _, p := range all {
			if err == nil {
				err = rm.end(ctx, p, actor(ctx), why)
			}
		}
		return err
	})
}

// Edited is told, in the transaction of the change, what an organisation said
// and says of itself. Proofs for another name or number end.
func (rm *Room) Edited(ctx context.Context, id string, was, is org.Profile) error {
	same := was.Kind == is.Kind && was.Name == is.Name && was.TradeName == is.TradeName && was.CorporateNumber == is.CorporateNumber
	if same {
		return nil
	}
	return rm.EndAll(ctx, id, WhyEdited)
}

// end ends a proof; the last one gives the number free and leaves a dispute.
func (rm *Room) end(ctx context.Context, p Proof, by string, why Why) error {
	n, err := db.Exec(ctx, "UPDATE binding_proof SET ended_at = ?, ended_by = ?, ended_why = ? WHERE id = ? AND ended_at IS NULL", rm.Now(), by, string(why), p.ID)
	if err != nil || n == 0 {
		return err
	}
	if err := rm.note(ctx, p.Org, by, "binding.ended", p.ID, true, proofWords{Kind: p.Kind, Why: why}); err != nil {
		return err
	}
	return rm.release(ctx, p)
}

// release gives a number free that nothing in force holds any more.
func (rm *Room) release(ctx context.Context, p Proof) error {
	if p.Number == "" || p.Since.IsZero() {
		return nil
	}
	left, err := rm.strongest(ctx, p.Org, p.Number)
	if err != nil || left > 0 {
		return err
	}
	if _, err := db.Exec(ctx, "DELETE FROM binding_holder WHERE number = ? AND org_id = ?", p.Number, p.Org); err != nil {
		return err
	}
	return rm.leaveDispute(ctx, p.Org, p.Number)
}

// Replay does a revocation again after an older copy of the database was
// restored. It may be done twice, and for what the copy does not know.
func (rm *Room) Replay(ctx context.Context, e journal.Entry) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		switch e.Verb {
		case "binding.ended":
			return rm.replayEnded(ctx, e)
		case "binding.body-ended":
			_, err := db.Exec(ctx, "UPDATE binding_body SET ended_at = ?, ended_by = ? WHERE id = ? AND ended_at IS NULL", e.At, e.Actor, e.Subject)
			return err
		case "binding.code-ended":
			_, err := db.Exec(ctx, "UPDATE binding_code SET used_at = ? WHERE id = ? AND used_at IS NULL", e.At, e.Subject)
			return err
		case "binding.frozen":
			return rm.replayFrozen(ctx, e)
		}
		return nil
	})
}

func (rm *Room) replayEnded(ctx context.Context, e journal.Entry) error {
	all, err := db.Rows(ctx, (*Proof).fields, "SELECT "+proofColumns+" FROM binding_proof p WHERE p.id = ? AND p.ended_at IS NULL", e.Subject)
	if err != nil || len(all) == 0 {
		return err
	}
	_, err = db.Exec(ctx, "UPDATE binding_proof SET ended_at = ?, ended_by = ?, ended_why = 'replayed' WHERE id = ?", e.At, e.Actor, e.Subject)
	if err != nil {
		return err
	}
	return rm.release(ctx, all[0])
}

// replayFrozen freezes a number again for which the copy knows no dispute; the
// operators then decide anew.
func (rm *Room) replayFrozen(ctx context.Context, e journal.Entry) error {
	number, err := db.Rows(ctx, func(s *string) []any { return []any{s} }, "SELECT number FROM binding_holder WHERE org_id = ?", e.Org)
	if err != nil || len(number) == 0 {
		return err
	}
	dispute, err := rm.openDispute(ctx, e.Subject, number[0])
	if err != nil || dispute == "" { // decided already, as far as the copy knows
		return err
	}
	_, err = rm.join(ctx, dispute, e.Org, number[0], true)
	return err
}

// cleanReason is a reason as it is kept.
func cleanReason(s string) string { return strings.TrimSpace(s) }
