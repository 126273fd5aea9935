package assess

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func (st *stage) vaultOf(as, query string) (v VaultView) {
	st.t.Helper()
	if err := json.Unmarshal(st.want(st.get(as, "/api/v1/orgs/mihon/evidence"+query), 200).Body.Bytes(), &v); err != nil {
		st.t.Fatal(err)
	}
	return v
}

func TestVault(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		for _, item := range []string{"4-1-5-1", "4-1-5-2", "4-1-3-1"} {
			st.want(st.post("hana", star+"/items/"+item, "answer", Met), http.StatusSeeOther)
		}
		st.want(st.upload("hana", star+"/items/4-1-5-1/evidence", "規程.pdf", []byte("x"), "form", FormRule, "valid_until", "2026-11-20"), http.StatusSeeOther)
		st.want(st.post("hana", star+"/items/4-1-3-1/evidence", "note", "画面で確かめた。", "form", FormSetting), http.StatusSeeOther)
		v := st.vaultOf("mori", "")
		if len(v.Old) != 1 || v.Old[0].Name != "規程.pdf" || len(v.Rows) != 2 {
			t.Fatalf("%+v", v)
		}
		id := v.Old[0].ID
		var piece PieceView
		read := func() {
			t.Helper()
			piece = PieceView{}
			if err := json.Unmarshal(st.want(st.get("mori", "/api/v1/orgs/mihon/evidence/"+id), 200).Body.Bytes(), &piece); err != nil {
				t.Fatal(err)
			}
		}
		read()
		// It is a rule: it may show the other rule that is met by word, not the setting.
		could := []string{}
		for _, p := range piece.Could {
			could = append(could, p.Item)
		}
		if diff := cmp.Diff([]string{"4-1-5-2"}, could); diff != "" {
			t.Error(diff)
		}
		st.want(st.post("hana", "/orgs/mihon/evidence/"+id+"/serves", "also", star3+"/4-1-5-2"), http.StatusSeeOther)
		if got, _ := st.criterionState("hana", "4-1-5-2"); got != Shown {
			t.Errorf("4-1-5-2 is %s", got)
		}
		st.want(st.post("hana", "/orgs/mihon/evidence/"+id+"/serves", "also", star3+"/9-9-9-9"), 404)
		st.want(st.post("hana", "/orgs/betsu/evidence/"+id+"/serves", "also", star3+"/4-1-5-2"), 404)
		st.now = st.now.AddDate(0, 3, 0)
		if got, _ := st.criterionState("hana", "4-1-5-1"); got != Expired {
			t.Errorf("4-1-5-1 is %s", got)
		}
		if v := st.vaultOf("mori", ""); len(v.Gaps) != 1 || v.Gaps[0].Expired != 2 {
			t.Errorf("%+v", v.Gaps)
		}
		st.want(st.post("hana", "/orgs/mihon/evidence/"+id+"/renew", "valid_until", "2026-01-01"), 422)
		st.want(st.post("hana", "/orgs/betsu/evidence/"+id+"/renew"), 404)
		st.want(st.post("hana", "/orgs/mihon/evidence/"+id+"/renew"), http.StatusSeeOther)
		if got, _ := st.criterionState("hana", "4-1-5-1"); got != Shown {
			t.Errorf("renewed 4-1-5-1 is %s", got)
		}
		st.want(st.get("hana", "/orgs/betsu/evidence/"+id), 404)
	})
}

func TestVaultGoesOnPageByPage(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		for i := range vaultPage + 3 {
			st.now = st.now.Add(time.Minute)
			item := library(t).ByID(star3).Items[i].ID
			st.want(st.post("hana", star+"/items/"+item+"/evidence", "note", fmt.Sprint("その", i)), http.StatusSeeOther)
		}
		first := st.vaultOf("mori", "")
		second := st.vaultOf("mori", "?after="+first.More)
		if len(first.Rows) != vaultPage || len(second.Rows) != 3 || second.More != "" {
			t.Fatalf("%d and %d rows, more %q", len(first.Rows), len(second.Rows), second.More)
		}
		if first.Rows[0].Name != fmt.Sprint("その", vaultPage+2) || second.Rows[2].Name != "その0" {
			t.Errorf("from %s to %s", first.Rows[0].Name, second.Rows[2].Name)
		}
	})
}

func TestReminders(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		begin := st.now
		// Ends on 13 January 2027: 91 days after today.
		st.want(st.post("hana", star+"/items/4-1-5-1/evidence", "note", "規程", "form", FormRule, "valid_until", "2027-01-12"), http.StatusSeeOther)
		st.want(st.post("hana", star+"/items/4-1-5-2/evidence", "note", "規程2", "form", FormRule, "valid_until", "2027-01-12"), http.StatusSeeOther)
		// Brought 20 days before its end: whoever brought it knows that.
		st.want(st.post("hana", "/orgs/kurz/frameworks/"+star3+"/items/4-1-5-1/evidence", "note", "短い", "form", FormRule, "valid_until", "2026-11-02"), http.StatusSeeOther)
		sent := map[int][]string{}
		for day := range 140 {
			st.now = begin.AddDate(0, 0, day)
			for range 2 { // the job may run again
				err := st.Remind(context.Background(), func(ctx context.Context, evidence string) error {
					org, err := st.Reminded(ctx, evidence)
					sent[day] = append(sent[day], org)
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		want := map[int][]string{13: {"kurz"}, 27: {"kurz"}, 31: {"mihon"}, 61: {"mihon"}, 84: {"mihon"}, 98: {"mihon"}}
		if diff := cmp.Diff(want, sent); diff != "" {
			t.Error(diff)
		}
	})
}

func TestColleaguesAsk(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		at := star + "/items/4-1-5-1"
		st.want(st.post("hana", at+"/comments", "words", "この決まりは、どこにありますか。", "to", "taro"), http.StatusSeeOther)
		st.want(st.post("hana", at+"/comments", "words", " "), 422)
		st.want(st.post("hana", at+"/comments", "words", "だれ", "to", "stranger"), 404)
		if home := st.get("taro", "/orgs/mihon").body(); !strings.Contains(home, "あなたへの質問が1件") {
			t.Error("the home of the one who is asked does not say so")
		}
		if home := st.get("hana", "/orgs/mihon").body(); strings.Contains(home, "あなたへの質問") {
			t.Error("who asks is asked")
		}
		page := st.want(st.get("mori", at+"/comments"), 200).body()
		if !strings.Contains(page, "この決まりは") || !strings.Contains(page, "人:taro") {
			t.Error("the page lacks what was said or whom it asks")
		}
		st.want(st.post("taro", at+"/comments/seen"), http.StatusSeeOther)
		if home := st.get("taro", "/orgs/mihon").body(); strings.Contains(home, "あなたへの質問") {
			t.Error("still asked after reading")
		}
		if other := st.get("hana", "/orgs/betsu/frameworks/"+star3+"/items/4-1-5-1/comments").body(); strings.Contains(other, "この決まりは") {
			t.Error("another company reads it")
		}
	})
}
