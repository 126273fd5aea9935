package star

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
)

// From nothing to a recorded ID: never "declared" before the ID is there.
func TestTheWayToTwoStars(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		page := s.at("/security-action")
		never := []string{"宣言しています", "宣言しました", "認定", "お墨付き"}
		s.get(page, "owner").want(200, "二つ星の宣言まで、あと3つです。").without(never...)
		s.says(articles6, assess.NotDone, s.itemsOf(articles6)...) // a promise: nothing need be done yet
		s.get(page, "owner").want(200, "一つ星を宣言する準備ができました").without(never...)
		s.says(diagnosis25, assess.Unknown, s.itemsOf(diagnosis25)...)
		s.approved = true
		s.get(page, "owner").want(200, "できています").without("二つ星を宣言する準備ができました")
		s.policy = "https://minamori.example.jp/policies/abc"
		s.get(page, "owner").want(200, "二つ星を宣言する準備ができました").without(never...)
		s.get(s.at("/sheet"), "owner").want(200, s.policy, "株式会社みほん精機", "大阪府", "製造業", "12", "会社の情報に、まだありません", "プライム")

		s.post(s.at("/declarations"), "manager", "stars", "2", "number", "５００-0000-0017", "on", "2027-01-11").want(303)
		s.get(page, "viewer").want(200, "二つ星を宣言しています（自己宣言ID 50000000017、会社の申告）", "2027年1月11日", "人:manager", "まだ見ていません").without("確認しました")
		v := look[ActionView](s, page, "viewer")
		if v.Declaration == nil || v.Declaration.Number != "50000000017" || v.Two != "二つ星を宣言しています（自己宣言ID 50000000017、会社の申告）" || v.Declaration.Entered != "人:manager" {
			t.Errorf("%+v", v)
		}
		seen := s.at("/declarations/" + v.Declaration.ID + "/seen")
		s.get(seen, "owner").want(200, "50000000017", "2027-01-20")
		s.post(seen, "owner", "on", "2027-01-12").want(303)
		s.post(seen, "manager", "on", "2027-01-19").want(303)
		s.get(page, "viewer").want(200, "2027年1月19日に公式の一覧で確認しました、人:manager").without("有効です")
		s.get(s.at(""), "viewer").want(200, "二つ星を宣言しています（自己宣言ID 50000000017、会社の申告）", "2027年1月19日に公式の一覧で確認しました")
	})
}

// A number that was typed wrongly comes back with what to mend, and nothing is kept.
func TestWrongNumbersAreRefused(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		for _, c := range []struct{ stars, number, on, says string }{
			{"2", "5000000001", "2027-01-11", "いま10桁あります"},
			{"2", "30000000017", "2027-01-11", "5で始まります"},
			{"2", "5000000001x", "2027-01-11", "数字だけです"},
			{"3", "50000000017", "2027-01-11", "一覧の中から"},
			{"2", "50000000017", "2027-01-21", "2017年2月から今日まで"},
			{"2", "50000000017", "2016-12-31", "2017年2月から今日まで"},
			{"2", "50000000017", "いつか", "2017年2月から今日まで"},
		} {
			s.post(s.at("/declarations"), "manager", "stars", c.stars, "number", c.number, "on", c.on).want(422, c.says, "value=\""+tidyNumber(c.number)+"\"")
		}
		s.post(s.at("/registrations"), "manager", "number", "", "on", "2027-01-11", "valid_until", "2028-01-10").want(422, "登録番号")
		s.post(s.at("/registrations"), "manager", "number", "A\u202eB", "on", "2027-01-11", "valid_until", "2028-01-10").want(422, "登録番号")
		s.post(s.at("/registrations"), "manager", "number", strings.Repeat("9", 41), "on", "2027-01-11", "valid_until", "2028-01-10").want(422)
		s.post(s.at("/registrations"), "manager", "number", "3-1", "on", "2027-01-11", "valid_until", "2027-01-10").want(422, "登録された日より後")
		if all := s.declarations(); len(all) != 0 {
			t.Errorf("kept: %+v", all)
		}
	})
}

// Corrections, the next declaration and stopping are history that stays.
func TestHistoryOfDeclarations(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		post := func(number, stars, replaces, why string, status int) {
			t.Helper()
			s.now = s.now.Add(time.Minute)
			s.post(s.at("/declarations"), "manager", "stars", stars, "number", number, "on", "2027-01-05", "replaces", replaces, "why", why).want(status)
		}
		post("41234567890", "1", "", "", 303)
		first := s.declarations()[0].ID
		post("50000000017", "2", "", "", 409)    // somebody did not see the first
		post("50000000017", "2", first, "", 422) // and nobody said why
		post("50000000017", "2", "elsewhere", Followed, 409)
		post("41234567891", "1", first, Corrected, 303)
		second := s.declarations()[0].ID
		post("50000000017", "2", second, Followed, 303)
		third := s.declarations()[0].ID
		s.post(s.at("/declarations/"+first+"/seen"), "manager", "on", "2027-01-20").want(409)
		s.post(s.at("/declarations/"+third+"/stop"), "manager", "on", "2027-01-21").want(422)
		s.get(s.at("/declarations/"+third+"/stop"), "owner").want(200, "停止したことを残しますか", "50000000017")
		s.post(s.at("/declarations/"+third+"/stop"), "owner", "on", "2027-01-19").want(303)
		s.post(s.at("/declarations/"+third+"/stop"), "owner", "on", "2027-01-19").want(409)

		var got []string
		for _, d := range s.declarations() {
			got = append(got, d.Number+" "+d.Ended+" "+string(d.EndedOn))
		}
		want := []string{"50000000017 stopped 2027-01-19", "41234567891 followed 2027-01-20", "41234567890 corrected 2027-01-20"}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		s.get(s.at("/security-action"), "viewer").want(200, "2027年1月19日に停止しました、人:owner", "次のものに替わりました", "入力の間違いを直しました").
			without("二つ星を宣言しています", "一つ星を宣言しています")
		// After a stop one may declare anew.
		post("50000000025", "1", "", "", 303)
	})
}

// A restore of an older copy does not bring a stopped declaration back.
func TestStoppedStaysStoppedAfterARestore(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.post(s.at("/declarations"), "manager", "stars", "2", "number", "50000000017", "on", "2027-01-05").want(303)
		id := s.declarations()[0].ID
		e := journal.Entry{Org: s.id, At: s.now, Actor: "owner", Verb: "star.stopped", Subject: id}
		for range 2 {
			if err := s.Replay(context.Background(), e); err != nil {
				t.Fatal(err)
			}
		}
		e.Subject = "unknown"
		if err := s.Replay(context.Background(), e); err != nil {
			t.Fatal(err)
		}
		if d := s.declarations()[0]; d.Ended != Stopped || d.EndedBy != "owner" || d.EndedOn != "2027-01-20" {
			t.Errorf("%+v", d)
		}
	})
}

func TestTheGuide(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.get(s.at(""), "viewer").want(200, "どの星をめざすか", "まだ確かめていません", "2025年").without("3つの質問に答える</")
		s.post(s.at("/guide"), "viewer", "secrets", "no", "stops", "no", "access", "no").want(403)
		s.post(s.at("/guide"), "member", "secrets", "no", "stops", "perhaps", "access", "no").want(422, "わからないの中から")
		for _, c := range []struct{ a, b, c, says string }{
			{"no", "no", "no", "まず★3と考えられます"},
			{"no", "unknown", "no", "「いいえ」とは違います"},
			{"no", "unknown", "yes", "★4を求めることがあります"},
		} {
			s.post(s.at("/guide"), "member", "secrets", c.a, "stops", c.b, "access", c.c).want(303)
			s.get(s.at(""), "viewer").want(200, c.says, "人:memberが2027年1月20日に答えました")
		}
		v := look[OverviewView](s, s.at(""), "viewer")
		if v.Fit != FitStar4 || v.Guide == nil || v.Guide.Stops != DontKnow || len(v.Ways) != 3 {
			t.Errorf("%+v", v)
		}
	})
}

// The page of ★3: counts side by side, never a percentage, never a level.
func TestStar3(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		page := s.at("/star3")
		never := []string{"★3相当", "★3レベル", "合格", "認定", "保証", "77点", "★3です"}
		s.get(page, "viewer").want(200, "★3の81の基準を、これから見ていきます。", "★3の準備は、これからです", "進み方の記録がまだない", "遅れることもあります", "まだ確かめていません").without(never...)

		all := s.itemsOf(star3)
		s.now = s.now.AddDate(0, -2, 0)
		s.says(star3, assess.Met, all[:30]...)
		s.shows(star3, all[:20]...)
		s.now = s.now.AddDate(0, 2, 0)
		s.says(star3, assess.Met, all[30:62]...)
		s.shows(star3, all[20:40]...)
		s.says(star3, assess.Partly, all[62:66]...)
		s.says(star3, assess.NotMetChoice, all[66:70]...)
		s.says(star3, assess.Unknown, all[70:74]...)
		s.says(star3, assess.NotApplicable, all[74:75]...)
		s.get(page, "viewer").want(200,
			"40の基準に裏付けがあります。★3を止めているのは、あと40です。", "★3の準備中です（81のうち62を満たし、うち40に裏付けあり）",
			"この61日で20増えました。このペースなら、あと5か月ほどです。約束ではありません。", "確認から61日", "75 / 81",
			"まだ答えていない", "/frameworks/scs-star3-2026/items/"+all[0], "公式の判断ではありません").without(never...)
		v := look[Star3View](s, page, "viewer")
		want := assess.Tally{Shown: 40, Word: 22, Partly: 4, NotMet: 4, Unknown: 4, NotApplicable: 1, Open: 6}
		if d := cmp.Diff(want, v.Tally); d != "" || v.Blocking != 40 || len(v.Next) != 3 || v.Pace.Kind != PaceMonths || v.Pace.Months != 5 {
			t.Errorf("%s%d %d %+v", d, v.Blocking, len(v.Next), v.Pace)
		}
		items := 0
		for _, p := range v.Parts {
			for _, r := range p.Requirements {
				items += len(r.Items)
			}
		}
		if items != 81 || len(v.Parts) != 7 {
			t.Errorf("%d marks in %d categories", items, len(v.Parts))
		}
		if n := strings.Count(s.get(page, "viewer").Body.String(), `aria-label="`); n < 81 {
			t.Errorf("%d marks have a name", n)
		}
		s.confirmed = Confirmation{"第3号", s.now.AddDate(0, 0, -3)}
		s.get(page, "viewer").want(200, "専門家が確定版（第3号・2027年1月17日）を確認しました").without(never...)
	})
}

func TestRegistrationOfStar3(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.post(s.at("/registrations"), "manager", "number", "SCS3-0001", "on", "2027-01-11", "valid_until", "2028-01-10").want(303)
		d := s.declarations()[0]
		s.get(s.at("/star3"), "viewer").want(200, "★3に登録されています（登録番号 SCS3-0001、期限 2028年1月10日）").without("★3認証", "認定")
		s.post(s.at("/declarations/"+d.ID+"/seen"), "owner", "on", "2027-01-10").want(422)
		s.post(s.at("/declarations/"+d.ID+"/seen"), "owner", "on", "2027-01-20").want(303)
		s.get(s.at("/star3"), "viewer").want(200, "2027年1月20日に公式の一覧で確認しました")
		s.get(s.at("/security-action"), "viewer").want(200).without("SCS3-0001")
		s.now = time.Date(2028, 1, 10, 20, 0, 0, 0, time.UTC) // the day after, in Japan
		s.get(s.at("/star3"), "viewer").want(200, "期限が過ぎました").without("登録されています")
		s.post(s.at("/declarations/"+d.ID+"/stop"), "owner", "on", "2028-01-11").want(303)
		s.get(s.at("/star3"), "viewer").want(200, "★3の準備は、これからです", "2028年1月11日に停止しました")
	})
}

func TestStar4IsAPreview(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.get(s.at("/star4"), "viewer").want(200, "★4は、43の要求と153の基準です。", "終えることはできません", "81の基準は★3と同じ番号").without("準備ができました", "★4の準備中")
		v := look[Star4View](s, s.at("/star4"), "viewer")
		if v.Requirements != 43 || v.Criteria != 153 || v.InStar3 != 81 || !v.Preview {
			t.Errorf("%d %d %d %v", v.Requirements, v.Criteria, v.InStar3, v.Preview)
		}
		plan := look[PlanView](s, s.at("/next/"+star4), "viewer")
		if !plan.Preview || len(plan.Actions) != 0 {
			t.Errorf("a preview asks for %+v", plan.Actions)
		}
		s.get(s.at("/next/"+star4), "viewer").want(200, "いま、次にやることはありません。")
	})
}

func TestNextPageAndLetter(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.says(star3, assess.NotMetChoice, s.itemsOf(star3)...)
		plan := look[PlanView](s, s.at("/next/"+star3), "viewer")
		if len(plan.Actions) != 6 {
			t.Fatalf("%d actions", len(plan.Actions))
		}
		letter := ""
		for _, a := range plan.Actions {
			if a.Minutes < 5 || a.Title == "" || a.Why == "" || len(a.Steps) == 0 || len(a.Items) == 0 || a.Effect == "" {
				t.Errorf("%+v", a)
			}
			if letter == "" {
				letter = a.Letter
			}
		}
		body := s.get(s.at("/next/"+star3), "viewer").want(200, "次にやることは、この6つです。", plan.Actions[0].Title).Body.String()
		if strings.Contains(body, "checkbox") || strings.Contains(body, "<form") && strings.Contains(body, "method=\"post\" action=\"/orgs/"+s.id+"/stars") {
			t.Error("an action can be ticked")
		}
		v := look[LetterView](s, s.at("/letters/"+star3+"/3-1-1"), "viewer")
		for _, part := range []string{"株式会社みほん精機です。", "\n1. ", "\n5. ", "金額をお知らせください"} {
			if !strings.Contains(v.Text, part) {
				t.Errorf("the letter lacks %q: %s", part, v.Text)
			}
		}
		if strings.Contains(v.Text, "\n6. ") {
			t.Error("more than five questions")
		}
		s.get(s.at("/letters/"+star3+"/3-1-1"), "viewer").want(200, "いつもお世話になっております。", "readonly")
		if letter != "" {
			s.get(letter, "viewer").want(200)
		}
		s.get(s.at("/letters/"+star3+"/1-2-1"), "viewer").want(404) // asks nothing of a vendor
		s.get(s.at("/letters/"+star3+"/9-9-9"), "viewer").want(404)
		s.get(s.at("/letters/nothing/3-1-1"), "viewer").want(404)
		s.get(s.at("/next/nothing"), "viewer").want(404)
	})
}

// Who may do what; nobody outside sees anything.
func TestRolesAndTenants(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.post(s.at("/declarations"), "manager", "stars", "2", "number", "50000000017", "on", "2027-01-05").want(303)
		id := s.declarations()[0].ID
		for _, path := range []string{"", "/security-action", "/sheet", "/star3", "/star4", "/next/" + star3, "/letters/" + star3 + "/3-1-1"} {
			s.get(s.at(path), "viewer").want(200)
			s.get(s.at(path), "stranger").want(404)
			s.get(s.at(path), "helper").want(404)
			s.get("/api/v1"+s.at(path), "stranger").want(404)
		}
		for _, path := range []string{"/declarations/new", "/registrations/new", "/declarations/" + id + "/seen", "/declarations/" + id + "/stop"} {
			s.get(s.at(path), "member").want(403)
			s.get(s.at(path), "stranger").want(404)
			s.get(s.at(path), "manager").want(200)
		}
		for _, path := range []string{"/declarations", "/registrations", "/declarations/" + id + "/seen", "/declarations/" + id + "/stop"} {
			s.post(s.at(path), "member").want(403)
			s.post(s.at(path), "stranger").want(404)
		}
		s.get(s.at("/guide"), "viewer").want(403)
		s.get(s.at("/guide"), "member").want(200)
		s.post(s.at("/guide"), "stranger", "secrets", "no", "stops", "no", "access", "no").want(404)
		s.get(s.at("/security-action"), "member").want(200).without(s.at("/declarations/new"))

		// The id of another company's declaration is nobody's here.
		there := home(s.other)
		s.get(there+"/declarations/"+id+"/seen", "stranger").want(404)
		s.post(there+"/declarations/"+id+"/seen", "stranger", "on", "2027-01-20").want(404)
		s.post(there+"/declarations/"+id+"/stop", "stranger", "on", "2027-01-20").want(404)
		s.post(there+"/declarations", "stranger", "stars", "2", "number", "50000000025", "on", "2027-01-05", "replaces", id, "why", Corrected).want(409)
		s.get(there+"/security-action", "stranger").want(200).without("50000000017")
		if d := s.declarations(); len(d) != 1 || d[0].Ended != "" || d[0].SeenOn != "" {
			t.Errorf("%+v", d)
		}
	})
}

// Each change stands in the journal; what ends is in the ledger of what was taken away.
func TestChangesAreJournalled(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.post(s.at("/guide"), "member", "secrets", "no", "stops", "no", "access", "no").want(303)
		s.post(s.at("/declarations"), "manager", "stars", "2", "number", "50000000017", "on", "2027-01-05").want(303)
		id := s.declarations()[0].ID
		s.post(s.at("/declarations/"+id+"/seen"), "owner", "on", "2027-01-20").want(303)
		s.post(s.at("/declarations/"+id+"/stop"), "owner", "on", "2027-01-20").want(303)
		s.post(s.at("/registrations"), "manager", "number", "S-1", "on", "2027-01-11", "valid_until", "2028-01-10").want(303)
		type row struct{ verb, actor string }
		var got []string
		err := s.d.Read(context.Background(), func(ctx context.Context) error {
			rows, err := db.Rows(ctx, func(r *row) []any { return []any{&r.verb, &r.actor} },
				"SELECT verb, actor FROM journal_entry WHERE org_id = ? AND verb LIKE 'star.%' ORDER BY seq", s.id)
			for _, r := range rows {
				got = append(got, r.verb+" "+r.actor)
			}
			return err
		})
		want := []string{"star.guide-answered member", "star.declared manager", "star.seen owner", "star.stopped owner", "star.registered manager"}
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Error(d, err)
		}
	})
}

func TestExportAndClose(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.post(s.at("/guide"), "member", "secrets", "no", "stops", "unknown", "access", "no").want(303)
		s.post(s.at("/declarations"), "manager", "stars", "2", "number", "50000000017", "on", "2027-01-05").want(303)
		s.post(s.at("/declarations/"+s.declarations()[0].ID+"/seen"), "owner", "on", "2027-01-20").want(303)
		var out bytes.Buffer
		err := s.d.Read(context.Background(), func(ctx context.Context) error {
			return s.Export(ctx, s.id, func(name string, write func(io.Writer) error) error { return write(&out) })
		})
		if text := out.String(); err != nil || !strings.Contains(text, "50000000017") || !strings.Contains(text, `"stops":"unknown"`) || !strings.Contains(text, "2027-01-20") {
			t.Error(err, text)
		}
		if err := s.Close(context.Background(), s.id); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"star_guide", "star_declaration", "star_seen"} {
			err := s.d.Read(context.Background(), func(ctx context.Context) error {
				n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM "+table+" WHERE org_id = ?", s.id)
				if n != 0 {
					t.Errorf("%s keeps %d rows", table, n)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// Facts that may change are shown with source and day, and their gaps are found.
func TestFacts(t *testing.T) {
	facts, err := LoadFacts(content.Stars())
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{factModel, factStart} {
		if facts[id].Verified {
			t.Errorf("%s is said to be verified", id)
		}
	}
	if text := facts[factStart].Text.JA; !strings.Contains(text, "遅れることもあります") || !strings.Contains(text, "終わりごろ") {
		t.Errorf("the start of applications is said as fixed: %s", text)
	}
	each(t, func(t *testing.T, s *stage) {
		s.get(s.at("/star3"), "viewer").want(http.StatusOK, facts[factStart].Source, "2026年11月23日に見ました")
	})
}
