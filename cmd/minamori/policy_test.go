package main

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/ui"
)

// An owner signs for a text, not for whatever the draft has become meanwhile.
func TestPolicyApprovedOnPaper(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		ctx, act := context.Background(), s.approvePolicyOnPaper()
		options := func() (all []ui.Option) {
			t.Helper()
			err := s.DB.Read(ctx, func(ctx context.Context) (err error) {
				all, err = act.Fields[0].Options(ctx, s.a)
				return err
			})
			if err != nil || len(all) != 1 {
				t.Fatal(err, all)
			}
			return all
		}
		says := func(in string) (all []string, err error) {
			err = s.DB.Read(ctx, func(ctx context.Context) (err error) {
				all, err = act.Sentences(ctx, s.a, []string{in})
				return err
			})
			return all, err
		}
		do := func(org, in string) (subject string, err error) {
			err = s.DB.Write(ctx, func(ctx context.Context) (err error) {
				subject, err = act.Do(ctx, org, []string{in})
				return err
			})
			return subject, err
		}
		printed := options()[0].Value
		sentences, err := says(printed)
		if err != nil || !strings.Contains(sentences[0], "「情報セキュリティ規程」第1版") {
			t.Fatal(err, sentences)
		}
		member, path := s.login(s.cast["member"]), "/orgs/"+s.a+"/policies/"+s.ids["{policy}"]
		s.send(member, path+"/settings", map[string]any{"values": map[string]string{"guarded": "12"}})
		if _, err := do(s.a, printed); !problem.Is(err, "not-found") {
			t.Errorf("a changed draft was approved by an old sheet: %v", err)
		}
		now := options()[0].Value
		if again, err := says(now); err != nil || again[1] == sentences[1] {
			t.Errorf("the sheet names the same text: %v %v", again, err)
		}
		if _, err := do(s.b, now); !problem.Is(err, "not-found") {
			t.Errorf("another company approved it: %v", err)
		}
		version, err := do(s.a, now)
		if err != nil || s.value("SELECT state FROM policy_version WHERE id = ?", version) != "approved" {
			t.Errorf("%q %v", version, err)
		}
	})
}

// A published policy of the demo is read without a login, and its page names
// nobody who worked on it.
func TestPublishedPolicyIsOpen(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		w := s.do(asked{method: http.MethodGet, path: "/policies/" + s.ids["{public}"]})
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "株式会社みほん精機") || strings.Contains(w.Body.String(), "担当 さくら") {
			t.Errorf("%d %.300s", w.Code, w.Body)
		}
		err := s.DB.Read(context.Background(), func(ctx context.Context) error {
			p, ok, err := s.Policy.Published(ctx, s.a)
			if !ok || !strings.HasSuffix(p.URL, s.ids["{public}"]) {
				t.Errorf("published: %v %+v", ok, p)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
