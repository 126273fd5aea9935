package main

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/i18n"
)

func (s *stage) bound(id string) (ok bool) {
	s.t.Helper()
	err := s.DB.Read(context.Background(), func(ctx context.Context) (err error) {
		ok, err = s.Binding.Bound(ctx, id)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return ok
}

// The form says before that a new name has to be checked again, and it has.
func TestEditEndsTheBinding(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		owner, path := s.login(s.cast["owner"]), "/orgs/"+s.a+"/company"
		if !s.bound(s.a) {
			t.Fatal("the demo's first company is not bound")
		}
		warned := func() bool {
			page := s.do(asked{session: owner, method: http.MethodGet, path: path + "/edit"}).Body.String()
			return strings.Contains(page, "名乗りの確かめが終わります")
		}
		if !warned() {
			t.Error("the form does not say it")
		}
		number := s.value("SELECT corporate_number FROM org_organisation WHERE id = ?", s.a)
		is := map[string]any{"kind": "company", "name": "株式会社みほん精機", "kana": "ミホン", "corporate_number": number}
		s.send(owner, path, is)
		if !s.bound(s.a) {
			t.Error("another reading ended it")
		}
		is["name"] = "株式会社みほん精機中部"
		s.send(owner, path, is)
		if s.bound(s.a) || warned() {
			t.Errorf("after a new name: bound %v, warned %v", s.bound(s.a), warned())
		}
	})
}

// The others in a circle see in words who is known to be whom it says.
func TestCircleShowsWhoIsKnown(t *testing.T) {
	s := newStage(t, Store{})
	owner := s.login(s.cast["owner"])
	marked := func() bool {
		page := s.do(asked{session: owner, method: http.MethodGet, path: "/orgs/" + s.a + "/circles/" + s.ids["{circle}"]}).Body.String()
		return strings.Contains(page, "名乗りを確かめた会社")
	}
	if !marked() {
		t.Error("no mark beside a company that is known")
	}
	if err := s.Binding.EndAll(context.Background(), s.a, "closed"); err != nil {
		t.Fatal(err)
	}
	if marked() {
		t.Error("a mark beside a company that is not known")
	}
}

// Whoever leaves takes his webhooks along; those of others stay.
func TestLeaverTakesHisWebhooksAlong(t *testing.T) {
	s := newStage(t, Store{})
	manager, owner := s.login(s.cast["manager"]), s.login(s.cast["owner"])
	path := "/orgs/" + s.a + "/webhooks"
	made := s.send(manager, path, map[string]any{"url": "https://leaver.example.jp/", "verbs": []string{"org.edited"}})
	if err := s.Org.Leave(context.Background(), org.ID(s.a), s.cast["manager"]); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]int{made["id"].(string): http.StatusNotFound, s.ids["{webhook}"]: http.StatusOK} {
		if w := s.do(asked{session: owner, method: http.MethodGet, path: path + "/" + id}); w.Code != want {
			t.Errorf("webhook: %d, want %d", w.Code, want)
		}
	}
}

// A provider that knows for whom somebody acts binds the company that is his,
// and what cannot be bound keeps nobody out.
func TestProviderSpeaksForTheOwnersCompany(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		id := s.value("SELECT MIN(id) FROM org_organisation WHERE corporate_number IS NOT NULL AND id NOT IN (SELECT org_id FROM binding_proof)")
		number := s.value("SELECT corporate_number FROM org_organisation WHERE id = ?", id)
		owner := s.value("SELECT MIN(account_id) FROM org_member WHERE org_id = ? AND role = 'owner'", id)
		say := func(account, issuer, number string) {
			t.Helper()
			err := s.DB.Write(context.Background(), func(ctx context.Context) error {
				return s.speaksFor(ctx, account, issuer, "subject", number)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		s.providers = []auth.Provider{{Issuer: "https://gbiz.example", CorporateNumberClaim: "corporate_number"}, {Issuer: "https://mail.example"}}
		say(owner, "https://unknown.example", number)
		say(owner, "https://mail.example", number)
		say(s.cast["owner"], "https://gbiz.example", number) // not his company
		say(owner, "https://gbiz.example", string(org.Fictional(77)))
		if s.bound(id) {
			t.Error("bound by what does not fit")
		}
		say(owner, "https://gbiz.example", number)
		say(owner, "https://gbiz.example", number)
		if !s.bound(id) {
			t.Error("not bound")
		}
	})
}

// Whoever chooses what his system is told of reads names, in his own register.
func TestHookVerbsHaveNames(t *testing.T) {
	texts, err := huntTexts()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []i18n.Lang{i18n.JA, i18n.Easy, i18n.EN} {
		seen := map[string]bool{}
		for _, verb := range hookVerbs() {
			if !texts.In(lang).Has("journal.verb." + verb) {
				t.Errorf("%s has no name in %s", verb, lang)
			}
			if seen[verb] {
				t.Errorf("%s is offered twice", verb)
			}
			seen[verb] = true
		}
	}
}
