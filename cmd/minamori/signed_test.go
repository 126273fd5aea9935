package main

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/minamori-project/minamori/internal/i18n"
)

// Staff of the chamber print what they entered for a company, its owner signs, and
// the sheet is uploaded: from then on the result may leave the desk, and the record
// says that it was signed on paper. Another organisation cannot.
func TestResultSignedOnPaper(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		company := s.value("SELECT MAX(company_id) FROM desk_case WHERE company_id IS NOT NULL AND claimed_at IS NULL AND signed_at IS NULL AND org_id <> ?", s.a)
		body := s.value("SELECT org_id FROM desk_case WHERE company_id = ?", company)
		staff := s.login(s.value("SELECT MAX(account_id) FROM org_member WHERE org_id = ? AND role = 'owner'", body))
		held := func() (yes bool) {
			err := s.DB.Read(context.Background(), func(ctx context.Context) (err error) {
				yes, err = s.Desk.HeldBack(ctx, company)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return yes
		}
		form := "act=desk.result&input=" + company
		foreign := s.do(asked{session: s.login(s.cast["owner"]), method: http.MethodPost, path: "/orgs/" + s.a + "/papers", kind: "application/x-www-form-urlencoded", body: form})
		if foreign.Code != http.StatusNotFound {
			t.Errorf("another organisation prepares it: %d", foreign.Code)
		}
		sheet := s.send(staff, "/orgs/"+body+"/papers", map[string]any{"act": "desk.result", "input": []string{company}})
		path := "/orgs/" + body + "/papers/" + sheet["id"].(string)
		if page := s.do(asked{session: staff, method: http.MethodGet, path: path}).Body.String(); !strings.Contains(page, "窓口が代わりに入力した答え") {
			t.Error("the sheet does not say what is signed")
		}
		if !held() {
			t.Fatal("something may leave the desk before anybody signed")
		}
		paper := map[string]string{"signer": "代表 一郎（架空）", "signed_on": s.clock.In(i18n.Tokyo).Format(time.DateOnly)}
		if w := s.upload(staff, path+"/signed", "file", "signed.pdf", paper); w.Code != http.StatusSeeOther {
			t.Fatalf("upload: %d %s", w.Code, w.Body)
		}
		if held() {
			t.Error("the signed result still is held back")
		}
		if page := s.do(asked{session: staff, method: http.MethodGet, path: path}).Body.String(); !strings.Contains(page, "紙で承認（代表 003（架空）さんが") {
			t.Error("the record does not say that it was signed on paper, and who uploaded it")
		}
	})
}
