package plan_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/domain/plan"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

func TestStateOf(t *testing.T) {
	at := func(s assess.State, choice string) assess.ItemStand {
		return assess.ItemStand{State: s, Answer: assess.Answer{Choice: choice}}
	}
	const yesterday, today, tomorrow = "2026-10-13", "2026-10-14", "2026-10-15"
	for _, c := range []struct {
		name  string
		kind  assess.Kind
		began string
		due   assess.Date
		at    assess.ItemStand
		want  plan.State
	}{
		{"a criterion needs evidence", assess.Criteria, "", tomorrow, at(assess.Word, assess.Met), plan.Open},
		{"its word is late too", assess.Criteria, "", yesterday, at(assess.Word, assess.Met), plan.Overdue},
		{"with evidence", assess.Criteria, "", yesterday, at(assess.Shown, assess.Met), plan.Done},
		{"evidence that ended", assess.Criteria, "", tomorrow, at(assess.Expired, assess.Met), plan.Open},
		{"does not apply", assess.Criteria, "", "", at(assess.Inapplicable, assess.NotApplicable), plan.Done},
		{"partly", assess.Criteria, "", "", at(assess.PartlyMet, assess.Partly), plan.Open},
		{"a diagnosis is the company's word", assess.Diagnosis, "", tomorrow, at(assess.Word, assess.Done), plan.Done},
		{"unknown is not done and not late", assess.Diagnosis, "", today, at(assess.NotKnown, assess.Unknown), plan.Open},
		{"a maturity that rose", assess.Maturity, "m2", yesterday, at(assess.NotKnown, "m3"), plan.Done},
		{"one that stayed", assess.Maturity, "m3", tomorrow, at(assess.NotKnown, "m3"), plan.Open},
		{"one that fell", assess.Maturity, "m3", yesterday, at(assess.NotKnown, "m2"), plan.Overdue},
		{"one that was unknown", assess.Maturity, assess.Unknown, "", at(assess.NotKnown, "m1"), plan.Done},
		{"one that is unknown", assess.Maturity, "m1", "", at(assess.NotKnown, assess.Unknown), plan.Open},
		{"no answer", assess.Maturity, "", "", assess.ItemStand{State: assess.Open}, plan.Open},
	} {
		if got := plan.StateOf(c.kind, c.began, c.due, today, c.at); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// A step is done by evidence, never by a tick (issue: "Done actions are verified").
func TestStepIsDoneByEvidenceAlone(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.get(s.url, "viewer").want(200, "まだ何も決めていません", "/orgs/"+s.id+"/stars")
		form := s.get(s.url+"/new?pack="+star3+"&item="+criterion, "member").want(200, "みほん manager", "2026-11-13", "/stars/vendor/"+criterion)
		suggestion := s.assess.Packs.ByID(star3).Item(criterion).Action.Title.JA
		if suggestion != "" {
			form.want(200, suggestion)
		}
		id := s.add(star3, criterion, "規程を1枚書く", "account", "manager", "due", "2026-10-20")
		s.get(s.url, "viewer").want(200, "これからやることが、1つあります", "規程を1枚書く", "みほん manager", `datetime="2026-10-20"`, "これから")
		if got := s.state(id); got != plan.Open {
			t.Errorf("new: %s", got)
		}
		s.post(s.url+"/steps/"+id+"/said", "member", "done", "true").want(303)
		s.get(s.url+"/steps/"+id, "member").want(200, "やったと聞いています。裏付けを待っています。", "みほん memberさんが、やったと話しました")
		s.answered(star3, criterion, assess.Met)
		s.now = s.now.AddDate(0, 0, 7)
		s.get(s.url, "viewer").want(200, "期日を過ぎたものが、1つあります", "期日を過ぎました", "やったと聞いています")
		s.proved(star3, criterion, s.now.AddDate(0, 0, 3))
		s.get(s.url, "viewer").want(200, "計画したことは、すべて済みました", "済みました").lacks("やったと聞いています")
		s.now = s.now.AddDate(0, 0, 4) // the evidence has ended
		if got := s.state(id); got != plan.Overdue {
			t.Errorf("ended evidence: %s", got)
		}
		s.post(s.url+"/steps/"+id+"/said", "member", "done", "false").want(303)
		s.get(s.url, "viewer").lacks("やったと聞いています")
	})
}

func TestStepsAreSortedAndFiltered(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.answered(pack25, "3", assess.NotDone)
		s.add(pack25, "1", "いちばん", "due", "2026-10-20", "account", "owner")
		s.add(pack25, "2", "にばん", "due", "2026-10-10", "name", "みほんIT商会")
		s.add(pack25, "3", "さんばん")
		s.add(executive, "1", "よんばん", "due", "2026-10-30", "account", "owner")
		s.answered(executive, "1", "m2")
		order := func(query string) (all []string) {
			body := s.get(s.url+query, "viewer").want(200).Body.String()
			for i := 0; i < len(body); i++ {
				for _, w := range []string{"いちばん", "にばん", "さんばん", "よんばん"} {
					if strings.HasPrefix(body[i:], ">"+w+"<") {
						all = append(all, w)
					}
				}
			}
			return all
		}
		for query, want := range map[string][]string{
			"":                         {"にばん", "いちばん", "さんばん", "よんばん"},
			"?who=owner":               {"いちばん", "よんばん"},
			"?who=others":              {"にばん"},
			"?who=nobody":              {"さんばん"},
			"?state=overdue":           {"にばん"},
			"?state=done":              {"よんばん"},
			"?who=owner&state=open":    {"いちばん"},
			"?who=manager&state=open":  nil,
			"?who=stranger&state=open": nil,
		} {
			if d := cmp.Diff(want, order(query)); d != "" {
				t.Errorf("%s: %s", query, d)
			}
		}
		var deciding []plan.Step
		var got plan.Tally
		var one plan.Step
		var known, unknown bool
		err := s.d.Read(context.Background(), func(ctx context.Context) (err error) {
			if got, err = s.Count(ctx, s.id); err != nil {
				return err
			}
			if deciding, err = s.OpenOf(ctx, s.id, []string{"owner"}); err != nil {
				return err
			}
			if one, known, err = s.Of(ctx, s.id, pack25, "2"); err != nil {
				return err
			}
			_, unknown, err = s.Of(ctx, s.other, pack25, "2")
			return err
		})
		if err != nil || !known || unknown || one.State != plan.Overdue || one.Name != "みほんIT商会" {
			t.Errorf("Of: %v %v %+v %v", known, unknown, one, err)
		}
		if len(deciding) != 1 || deciding[0].What != "いちばん" {
			t.Errorf("to decide: %v", deciding)
		}
		if d := cmp.Diff(plan.Tally{Open: 2, Overdue: 1, Done: 1}, got); d != "" {
			t.Error(d)
		}
	})
}

func TestStepIsCheckedAndKeepsWhatWasTyped(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		base := []string{"pack", pack25, "item", "1"}
		for _, c := range []struct {
			pairs []string
			says  string
		}{
			{[]string{"what", ""}, "300字までの1つの文"},
			{[]string{"what", strings.Repeat("あ", 301)}, "300字までの1つの文"},
			{[]string{"what", "a\u202eb"}, "300字までの1つの文"},
			{[]string{"what", "x", "due", "2026-13-01"}, "この日付は使えません"},
			{[]string{"what", "x", "due", "0001-01-01"}, "この日付は使えません"},
			{[]string{"what", "のこる文", "account", "stranger"}, "会社の人の中から"},
			{[]string{"what", "のこる文", "account", "owner", "name", "業者"}, "どちらか一方"},
			{[]string{"what", "のこる文", "name", strings.Repeat("あ", 81)}, "80字まで"},
		} {
			s.post(s.url, "member", append(base[:4:4], c.pairs...)...).want(422, c.says)
		}
		s.post(s.url, "member", append(base[:4:4], "what", "のこる文", "account", "stranger")...).want(422, "のこる文")
		s.post(s.url, "member", "pack", "nothing", "item", "1", "what", "x").want(404)
		s.post(s.url, "member", "pack", pack25, "item", "99", "what", "x").want(404)
		s.get(s.url+"/new?pack=nothing&item=1", "member").want(404)
		id := s.add(pack25, "1", "いちど")
		s.post(s.url, "member", append(base[:4:4], "what", "にど")...).want(409, "もう計画にあります")
		s.get(s.url+"/new?pack="+pack25+"&item=1", "member").want(200, "いちど", `name="revision" value="1"`)
		s.post(s.url+"/steps/"+id, "member", append(base[:4:4], "what", "なおした", "revision", "1")...).want(303)
		s.post(s.url+"/steps/"+id, "owner", append(base[:4:4], "what", "ふるい", "revision", "1")...).want(409, "先に直しました")
		s.get(s.url, "viewer").want(200, "なおした").lacks("ふるい")
		var err error
		for i := 0; err == nil && i < plan.MaxSteps; i++ {
			_, err = s.Add(context.Background(), s.id, plan.Input{Pack: "scs-star4-2026", Item: s.assess.Packs.ByID("scs-star4-2026").Items[i%153].ID, What: "x"})
			if problem.Is(err, "plan-there") {
				_, err = s.Add(context.Background(), s.id, plan.Input{Pack: star3, Item: s.assess.Packs.ByID(star3).Items[i-153].ID, What: "x"})
			}
		}
		if n := s.value("SELECT CAST(COUNT(*) AS TEXT) FROM plan_step"); !problem.Is(err, "plan-many") || n != "200" {
			t.Errorf("%s steps: %v", n, err)
		}
		s.post(s.url+"/steps/"+id+"/remove", "member").want(303)
		s.get(s.url+"/steps/"+id, "member").want(404)
	})
}

func TestPlanTurnsPages(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		for i := range 81 {
			if _, err := s.Add(context.Background(), s.id, plan.Input{Pack: star3, Item: s.assess.Packs.ByID(star3).Items[i].ID, What: "つぎ"}); err != nil {
				t.Fatal(err)
			}
		}
		first := s.get(s.url, "viewer").want(200).Body.String()
		if n := strings.Count(first, ">つぎ<"); n != 50 {
			t.Errorf("%d on the first page", n)
		}
		_, rest, _ := strings.Cut(first, s.url+"?after=")
		after, _, _ := strings.Cut(rest, `"`)
		if n := strings.Count(s.get(s.url+"?after="+after, "viewer").want(200).Body.String(), ">つぎ<"); n != 31 {
			t.Errorf("%d on the second page", n)
		}
	})
}

func TestRolesAndStrangers(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id := s.add(pack25, "1", "ひみつのこと")
		s.post(s.url+"/calendars", "member", "name", "事務所").want(200)
		calendar := s.value("SELECT id FROM plan_calendar WHERE org_id = ?", s.id)
		for _, path := range []string{"", "/steps/" + id, "/new?pack=" + pack25 + "&item=2", "/plan.ics", "/plan.xlsx", "/calendars", "/calendars/new"} {
			s.get(s.url+path, "stranger").want(404).lacks("ひみつのこと")
			s.get("/orgs/"+s.other+"/plan"+path, "owner").want(404)
		}
		for _, path := range []string{"", "/steps/" + id} {
			s.get(s.url+path, "viewer").want(200).lacks(`<form class="form" method="post" action="` + s.url)
		}
		for _, path := range []string{"/new?pack=" + pack25 + "&item=2", "/plan.ics", "/plan.xlsx", "/calendars", "/calendars/new"} {
			s.get(s.url+path, "viewer").want(403)
		}
		for _, path := range []string{"", "/steps/" + id, "/steps/" + id + "/said", "/steps/" + id + "/remove", "/calendars", "/calendars/" + calendar + "/end"} {
			s.post(s.url+path, "viewer", "what", "x").want(403)
			s.post(s.url+path, "stranger", "what", "x").want(404)
		}
		// A company's own people cannot reach the step of another by its id.
		for _, path := range []string{"/steps/" + id + "/said", "/steps/" + id + "/remove", "/calendars/" + calendar + "/end"} {
			s.post("/orgs/"+s.other+"/plan"+path, "stranger", "done", "true").want(404)
		}
		s.post("/orgs/"+s.other+"/plan/steps/"+id, "stranger", "what", "x", "revision", "1").want(404)
		s.get("/orgs/"+s.other+"/plan/steps/"+id, "stranger").want(404)
		s.get(s.url+"/steps/"+id, "viewer").want(200, "ひみつのこと")
	})
}

// addressOn reads the address that a page shows once.
func addressOn(t *testing.T, a answer) string {
	t.Helper()
	_, rest, ok := strings.Cut(a.Body.String(), "https://mamori.example.jp/calendar/")
	if !ok {
		t.Fatalf("no address: %.2000s", a.Body.String())
	}
	secret, _, _ := strings.Cut(rest, "<")
	return "/calendar/" + secret
}

func TestCalendarAddress(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.add(pack25, "1", "更新を入にする", "due", "2026-10-20", "account", "owner")
		s.add(pack25, "2", "業者に聞く", "due", "2026-10-21", "name", "みほんIT商会")
		s.add(pack25, "3", "だれか", "due", "2026-10-22")
		s.add(pack25, "4", "いつか")
		s.duties = []plan.Duty{{ID: "inventory", Title: "棚卸し", Due: "2026-12-01"}, {ID: "training", Title: "教育", Due: "2026-12-02", Done: true}}
		s.post(s.url+"/calendars", "member!", "name", "事務所").want(403)
		s.post(s.url+"/calendars", "member", "name", "").want(422, "どこで使うかを")
		address := addressOn(t, s.post(s.url+"/calendars", "member", "name", "事務所").want(200, "2027年10月14日"))
		got := s.get(address, "").want(200, "BEGIN:VCALENDAR", "SUMMARY:更新を入にする", "DTSTART;VALUE=DATE:20261020", "担当あり", "担当は決まっていません", "SUMMARY:棚卸し", "DTSTART;VALUE=DATE:20261201")
		got.lacks("みほん", "owner", "いつか", "教育")
		if kind := got.Header().Get("Content-Type"); kind != "text/calendar; charset=utf-8" {
			t.Errorf("type %s", kind)
		}
		s.get(s.url+"/plan.ics", "member").want(200, "担当：みほん owner", "担当：みほんIT商会")
		for _, path := range []string{strings.TrimSuffix(address, ".ics"), address[:len(address)-5] + "x.ics", "/calendar/.ics", "/calendar/" + strings.Repeat("a", 26) + ".ics"} {
			s.get(path, "").want(404)
		}
		secret := strings.TrimSuffix(strings.TrimPrefix(address, "/calendar/"), ".ics")
		for _, face := range []string{"", "/api/v1"} {
			s.get(face+s.url+"/calendars", "owner").want(200, "事務所").lacks(secret)
		}
		if n := s.value("SELECT CAST(COUNT(*) AS TEXT) FROM plan_calendar WHERE name LIKE ? OR id = ?", "%"+secret+"%", secret); n != "0" {
			t.Error("the secret is stored")
		}
		s.get(s.url+"/calendars", "member").want(200, "みほん member")
		s.paused = true
		s.get(address, "").want(404)
		s.paused = false
		s.get(address, "").want(200)
		s.now = s.now.AddDate(1, 0, 0)
		s.get(address, "").want(404)
	})
}

// What was given up does not read any more (threats T21).
func TestCalendarAddressEnds(t *testing.T) {
	for name, end := range map[string]func(s *stage, id string) error{
		"ended by its maker": func(s *stage, id string) error {
			s.post(s.url+"/calendars/"+id+"/end", "member").want(303)
			return nil
		},
		"ended by a manager": func(s *stage, id string) error {
			s.post(s.url+"/calendars/"+id+"/end", "manager").want(303)
			return nil
		},
		"left": func(s *stage, _ string) error { return s.org.Leave(context.Background(), org.ID(s.id), "member") },
		"put out": func(s *stage, _ string) error {
			return s.org.Remove(context.Background(), org.ID(s.id), web.Owner, "member")
		},
		"lower role": func(s *stage, _ string) error {
			return s.org.ChangeRole(context.Background(), org.ID(s.id), web.Owner, "member", web.Viewer)
		},
		"closed": func(s *stage, _ string) error { return s.Close(context.Background(), s.id) },
		"erased": func(s *stage, _ string) error { return s.Erase(context.Background(), "member") },
		"after a restore": func(s *stage, id string) error {
			e := journal.Entry{Org: s.id, At: s.now, Actor: "owner", Verb: "plan.calendar-ended", Subject: id}
			return errors.Join(s.Replay(context.Background(), e), s.Replay(context.Background(), e))
		},
		"all after a restore": func(s *stage, _ string) error { return s.Void(context.Background()) },
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *stage) {
				address := addressOn(t, s.post(s.url+"/calendars", "member", "name", "事務所").want(200))
				mine := s.value("SELECT id FROM plan_calendar WHERE org_id = ?", s.id)
				others := addressOn(t, s.post(s.url+"/calendars", "manager", "name", "机").want(200))
				s.get(address, "").want(200)
				if err := end(s, mine); err != nil {
					t.Fatal(err)
				}
				s.get(address, "").want(404)
				if want := 200; !strings.Contains(name, "all") && name != "closed" {
					s.get(others, "").want(want)
				}
			})
		})
	}
}

func TestAddressesOfOthersAreTheirs(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		address := addressOn(t, s.post(s.url+"/calendars", "manager", "name", "社長の机").want(200))
		id := s.value("SELECT id FROM plan_calendar WHERE org_id = ?", s.id)
		s.get(s.url+"/calendars", "member").want(200).lacks("社長の机")
		s.post(s.url+"/calendars/"+id+"/end", "member").want(404)
		s.get(address, "").want(200)
		if e := s.value("SELECT CAST(COUNT(*) AS TEXT) FROM journal_entry WHERE org_id = ? AND verb = 'plan.calendar-made'", s.id); e != "1" {
			t.Errorf("%s entries", e)
		}
		s.now = s.now.AddDate(1, 2, 0)
		if err := s.Tidy(context.Background()); err != nil {
			t.Fatal(err)
		}
		if n := s.value("SELECT CAST(COUNT(*) AS TEXT) FROM plan_calendar"); n != "0" {
			t.Errorf("%s rows are kept", n)
		}
	})
}

// Texts stay texts in a spreadsheet.
func TestExcelKeepsStrings(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		nasty := []string{`=HYPERLINK("https://evil.example","x")`, "+1-1", "＝1+1", "@SUM(1)"}
		for i, what := range nasty {
			s.add(pack25, []string{"1", "2", "3", "4"}[i], what, "due", "2026-10-2"+string(rune('0'+i)), "name", "-業者")
		}
		a := s.get(s.url+"/plan.xlsx", "member").want(200)
		f, err := excelize.OpenReader(bytes.NewReader(a.Body.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := f.GetRows("計画")
		if err != nil || len(rows) != 5 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		for i, what := range nasty {
			at := "B" + string(rune('2'+i))
			kind, _ := f.GetCellType("計画", at)
			formula, _ := f.GetCellFormula("計画", at)
			style, _ := f.GetCellStyle("計画", at)
			look, err := f.GetStyle(style)
			if rows[i+1][1] != what || formula != "" || kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString || err != nil || look.NumFmt != 49 {
				t.Errorf("%s is %q, %v, %q, %v", at, rows[i+1][1], kind, formula, look)
			}
		}
		if d := cmp.Diff([]string{"期日", "やること", "担当", "状態", "会社の話", "枠組み", "番号", "項目"}, rows[0]); d != "" {
			t.Error(d)
		}
	})
}

func TestLeavingAndClosing(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.add(pack25, "1", "のこる", "account", "manager")
		if err := s.org.Remove(context.Background(), org.ID(s.id), web.Owner, "manager"); err != nil {
			t.Fatal(err)
		}
		s.get(s.url+"?who=nobody", "viewer").want(200, "のこる").lacks("みほん manager")
		var out bytes.Buffer
		err := s.d.Read(context.Background(), func(ctx context.Context) error {
			return s.Export(ctx, s.id, func(_ string, write func(io.Writer) error) error { return write(&out) })
		})
		if err != nil || !strings.Contains(out.String(), "のこる") {
			t.Errorf("%v %s", err, out.String())
		}
		if err := s.Close(context.Background(), s.id); err != nil {
			t.Fatal(err)
		}
		if n := s.value("SELECT CAST(COUNT(*) AS TEXT) FROM plan_step"); n != "0" {
			t.Errorf("%s rows are kept", n)
		}
	})
}
