package helper

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/web"
)

// A helper who has himself erased sees nothing any more, and the company's record
// keeps that somebody looked, without a name.
func TestErasedHelper(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		id := s.granted("answers", "files", "profile")
		s.openFor(Helper, id, "hana")
		if err := s.Erase(context.Background(), "hana"); err != nil {
			t.Fatal(err)
		}
		s.shutFor(Helper, id, "hana", "erased")
		s.get(s.helpers(), "man").want(200, "見た回数：4回").lacks("支援 はなこ", "012345")
		n := s.value("SELECT CAST(COUNT(*) AS TEXT) FROM journal_entry WHERE subject = ? AND salt IS NOT NULL AND verb <> 'journal.erased'", id)
		if n != "0" {
			t.Errorf("%s entries of the journal still have words", n)
		}
	})
}

// A company takes its record along, and leaves none behind.
func TestClosedCompany(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		id := s.granted("answers", "files", "profile")
		s.openFor(Helper, id, "hana")
		s.post(s.pages(Helper, id)[2]+"/advice", "hana", "advice", "控えをとりましょう。").want(303)
		var all strings.Builder
		err := s.d.Read(context.Background(), func(ctx context.Context) error {
			return s.Export(ctx, s.a, func(name string, write func(io.Writer) error) error {
				all.WriteString(name + " ")
				return write(&all)
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"helpers.json", "支援 はなこ", "helper-looks.json", `"page":"file"`, "控えをとりましょう。"} {
			if !strings.Contains(all.String(), part) {
				t.Errorf("the export lacks %q: %s", part, all.String())
			}
		}
		if err := s.Close(context.Background(), s.a); err != nil {
			t.Fatal(err)
		}
		s.shutFor(Helper, id, "hana", "closed")
		for _, table := range []string{"helper_grant", "helper_look", "helper_advice"} {
			if n := s.value("SELECT CAST(COUNT(*) AS TEXT) FROM "+table+" WHERE org_id = ?", s.a); n != "0" {
				t.Errorf("%s still has %s rows", table, n)
			}
		}
	})
}

// A manager who is one no more has nobody waiting.
func TestInvitationOfOneWhoMayNoLongerInvite(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		s.post(s.helpers(), "man", "email", "x@example.jp", "parts", "answers", "days", "7").want(303)
		id := s.queued[0]
		if err := s.orgs.ChangeRole(context.Background(), s.a, web.Owner, "man", web.Member); err != nil {
			t.Fatal(err)
		}
		s.post("/help-invitations/"+id, "hana", "code", derive(invitationPurpose, id), "name", "はなこ", "organisation", "丙社").want(410)
	})
}

// What staff entered says so to a helper too, without naming anybody.
func TestAnswersOnBehalfSaySo(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		_, err := s.assess.Answer(context.Background(), assess.AnswerInput{
			Org: string(s.a), Pack: pack, Item: "2", Choice: assess.Done, Actor: "staff",
			Behalf: &assess.Behalf{Words: "canary-teller", Channel: "phone", Told: s.clock},
		})
		if err != nil {
			t.Fatal(err)
		}
		id := s.granted("answers")
		page := "/helping/" + id + "/frameworks/" + pack
		s.get(page, "hana").want(200, "電話").lacks("canary-teller", "staff")
		s.get(page+"/items/2", "hana").want(200, "電話").lacks("canary-teller")
		s.get("/api/v1"+page+"/items/2", "hana").want(200, "on_behalf").lacks("canary-teller")
	})
}
