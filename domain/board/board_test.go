package board_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/board"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/web"
)

// Unknown is shown as not assessed and lowers nothing.
func TestBoardShowsLevelsAndLeavesUnknownOut(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.get(s.url, "viewer").want(200, "10項目は、まだ調べていません", "★3の基準は、まだ見ていません", "会社が述べたこと", "裏付けがあること", "第三者が確かめたこと")
		s.answered(s.id, "m3", "m1", assess.Unknown, "", "m4", "m2", "m3", "m3", "m3", "m3")
		v := s.view("viewer")
		var levels []int
		for _, it := range v.Items {
			levels = append(levels, it.Level)
		}
		if d := cmp.Diff([]int{3, 1, 0, 0, 4, 2, 3, 3, 3, 3}, levels); d != "" || v.Average == nil || *v.Average != 2.8 {
			t.Errorf("%s, average %v", d, v.Average)
		}
		if !v.Items[2].Said || v.Items[3].Said {
			t.Error("unknown and no answer are not told apart")
		}
		page := s.get(s.url, "viewer").want(200, "方針 3、体制 1、予算と人 ?", "▼ 1", "まだ調べていない項目が2つあるので、偏差値は出しません", "当社 平均2.8", `class="wish"`)
		page.lacks(`class="own-a"`)
		s.answered(s.id, "", "", "m3", "m3")
		s.get(s.url, "viewer").want(200, `class="own-a"`, "くらべられる会社が、まだ足りません")
	})
}

// The three lines are counted apart; what a third party saw is counted among what the
// company says is met.
func TestThreeLinesAreNotBlended(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		items := s.assess.Packs.ByID(star3).Items
		s.answer(s.id, star3, items[0].ID, assess.Met)
		s.answer(s.id, star3, items[1].ID, assess.Met)
		s.answer(s.id, star3, items[2].ID, assess.NotMetChoice)
		s.proved(star3, items[0].ID, assess.KindCheck)
		s.proved(star3, items[1].ID, assess.KindConfirmation)
		s.proved(star3, items[2].ID, assess.KindConfirmation)
		s.declared = []board.Declared{{Scheme: "security-action", Stars: 2, Number: "50000000017", Since: s.now}}
		v := s.view("viewer")
		if v.Star3 == nil || v.Star3.Tally.Met() != 2 || v.Star3.Tally.Shown != 1 || v.Star3.Examined != 1 {
			t.Errorf("%+v", v.Star3)
		}
		for _, path := range []string{"", "/paper"} {
			s.get(s.url+path, "viewer").want(200, "★3まで、あと80の基準です", "81の基準のうち2を、満たしていると答えています", "81の基準のうち1に、裏付けがあります",
				"満たすと答えた1を、第三者が確かめました", "二つ星を宣言しています（自己宣言ID 50000000017、会社の申告").lacks("認定", "合格", "★3相当")
		}
	})
}

func TestGoalsAreTheOwners(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.answered(s.id, all("m3")...)
		goals := func() (g []int) {
			for _, it := range s.view("viewer").Items {
				g = append(g, it.Goal)
			}
			return g
		}
		if d := cmp.Diff([]int{3, 3, 3, 3, 3, 3, 3, 3, 3, 3}, goals()); d != "" {
			t.Errorf("without a profile: %s", d)
		}
		s.post(s.url+"/profile", "manager", "staff", "5", "sales", "5", "information", "3", "dependence", "5").want(303)
		if d := cmp.Diff([]int{4, 4, 4, 4, 4, 4, 4, 4, 4, 4}, goals()); d != "" {
			t.Errorf("of group I: %s", d)
		}
		s.post(s.url+"/profile", "manager", "staff", "6", "sales", "5", "information", "3").want(422)
		s.get(s.url+"/goals", "owner").want(200, "段階4", `name="levels.1"`)
		s.post(s.url+"/goals", "manager", "levels.1", "2").want(403)
		s.post(s.url+"/goals", "owner!", "levels.1", "2").want(403)
		for _, bad := range [][]string{{"levels.1", "0"}, {"levels.1", "6"}, {"levels.1", "x"}, {"levels.99", "3"}} {
			s.post(s.url+"/goals", "owner", bad...).want(422)
		}
		s.post(s.url+"/goals", "owner", "levels.1", "2", "levels.10", "5").want(303)
		if d := cmp.Diff([]int{2, 4, 4, 4, 4, 4, 4, 4, 4, 5}, goals()); d != "" {
			t.Error(d)
		}
	})
}

// The latest result and four before it are kept; of a day only the last.
func TestResultsAreKept(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.post(s.url+"/results", "manager").want(409, "残す結果がありません")
		for i := range 7 {
			s.now = s.now.AddDate(0, 1, 0)
			level := "m" + strconv.Itoa(1+i%4)
			s.answered(s.id, all(level)...)
			s.post(s.url+"/results", "manager").want(303)
			s.answered(s.id, "m"+strconv.Itoa(2+i%4))
			s.post(s.url+"/results", "manager").want(303)
		}
		results := s.view("viewer").Results
		var scores []int
		for _, r := range results {
			scores = append(scores, r.Levels.Score())
		}
		if d := cmp.Diff([]int{31, 21, 11, 41, 31}, scores); d != "" || results[0].Day != "2027-05-14" {
			t.Errorf("%s %v", d, results[0].Day)
		}
		s.now = s.now.AddDate(0, 0, 1)
		s.answered(s.id, "m4", "m4", assess.Unknown)
		s.get(s.url+"/paper", "viewer").want(200, "よくなったこと：体制", "わからないこと：1項目は、まだ調べていません")
		s.get(s.url, "viewer").want(200, "2027年5月14日", "合計点の動き。5回の結果です")
	})
}

// crowd makes companies that have kept the same kind of results and consent.
func (s *stage) crowd(n int) (ids []string) {
	s.t.Helper()
	for i := range n {
		id := s.company("crowd"+strconv.Itoa(i), "会社"+strconv.Itoa(i))
		s.answered(id, all("m"+strconv.Itoa(2+i%3))...)
		ctx := context.Background()
		for _, err := range []error{
			s.SetProfile(ctx, id, board.Profile{Staff: 3, Sales: 3, Information: 3, Dependence: 3}), s.Join(ctx, id), s.Keep(ctx, id),
		} {
			if err != nil {
				s.t.Fatal(err)
			}
		}
		ids = append(ids, id)
	}
	return ids
}

// Numbers about others come from releases alone: of those who consent, are bound and
// have kept a whole result; enough of them; and about so much.
func TestPeersComeFromReleasesAlone(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.answered(s.id, all("m3")...)
		s.post(s.url+"/profile", "manager", "staff", "3", "sales", "3", "information", "3", "dependence", "3").want(303)
		ids := s.crowd(8)
		publish := func() *board.Peers {
			t.Helper()
			if err := s.Publish(context.Background()); err != nil {
				t.Fatal(err)
			}
			return s.view("viewer").Peers
		}
		if p := publish(); p != nil {
			t.Errorf("eight companies are shown: %+v", p)
		}
		ids = append(ids, s.crowd(22)...)
		// One took the consent back, of one it is not known who speaks for it, one has
		// never consented, and one does not know everything.
		if err := s.Leave(context.Background(), ids[0]); err != nil {
			t.Fatal(err)
		}
		s.mayNot[ids[1]] = true
		if p := publish(); p == nil || p.Count < 10 || p.Count%5 != 0 || !p.SameGroup {
			t.Fatalf("a release of thirty: %+v", p)
		}
		v := s.view("viewer")
		for _, it := range v.Items {
			if it.Peers == nil || *it.Peers < 2 || *it.Peers > 4 || *it.Peers*2 != float64(int(*it.Peers*2)) {
				t.Errorf("peers of %s: %v", it.ID, it.Peers)
			}
		}
		if v.Deviation == nil || *v.Deviation%5 != 0 || *v.Deviation < 35 || *v.Deviation > 65 {
			t.Errorf("deviation %v", v.Deviation)
		}
		s.get(s.url, "viewer").want(200, "偏差値は約", "同じ区分の約", `class="peer"`)
		s.answered(s.id, assess.Unknown)
		if v := s.view("viewer"); v.Deviation != nil {
			t.Error("a deviation value although something is unknown")
		}
		if n := s.value("SELECT CAST(COUNT(*) AS TEXT) FROM count_part WHERE org_id IN (?, ?, ?)", ids[0], ids[1], s.id); n != "0" {
			t.Errorf("%s parts of companies that may not count", n)
		}
	})
}

func TestConsentEndsAndStaysEnded(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.post(s.url+"/statistics", "manager", "counts", "true").want(303)
		s.get(s.url, "manager").want(200, "名前を出さずに統計に入っています")
		s.now = s.now.Add(time.Hour)
		s.post(s.url+"/statistics", "manager", "counts", "false").want(303)
		s.get(s.url, "manager").want(200, "統計に入れてもよいですか")
		ended := journal.Entry{Org: s.id, At: s.now, Actor: "owner", Verb: "board.statistics-left", Subject: s.id}
		s.now = s.now.Add(-time.Minute)
		if err := s.Join(context.Background(), s.id); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := s.Replay(context.Background(), ended); err != nil {
				t.Fatal(err)
			}
		}
		if s.view("viewer").Counts {
			t.Error("a consent that ended is back after a restore")
		}
		s.now = s.now.Add(time.Hour) // a new consent is not ended by an old line
		s.post(s.url+"/statistics", "manager", "counts", "true").want(303)
		if err := s.Replay(context.Background(), ended); err != nil || !s.view("viewer").Counts {
			t.Errorf("a later consent ended: %v", err)
		}
	})
}

func TestDecisions(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.answered(s.id, "m3", "m1", "m3", "m2", "m3", "m3", "m1", "m2", "m3", "m3")
		v := s.view("viewer")
		p := s.assess.Packs.ByID(guideline)
		var got []string
		for _, d := range v.Decisions {
			got = append(got, d.What)
		}
		if d := cmp.Diff([]string{p.Item("2").Action.Title.JA, p.Item("7").Action.Title.JA}, got[:min(2, len(got))]); d != "" || len(got) != 3 {
			t.Errorf("%d: %s", len(got), d)
		}
		s.get(s.url+"/paper", "viewer").want(200, "決めていただきたいことは、3つです", "□ 決めた", "社長", "目標に遠い項目から")
		for i := range 4 {
			s.decisions = append(s.decisions, board.Decision{What: "ほんとうに決めること" + strconv.Itoa(i), Due: "2026-11-01"})
		}
		s.get(s.url+"/paper", "viewer").want(200, "ほんとうに決めること0", "ほんとうに決めること2", "2026年11月1日まで").lacks("ほんとうに決めること3", "目標に遠い項目から")
	})
}

func TestRolesAndStrangers(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.answered(s.id, all("m3")...)
		for _, path := range []string{"", "/paper", "/board.pdf", "/goals", "/profile", "/sites"} {
			s.get(s.url+path, "stranger").want(404).lacks("ひみつ")
		}
		for path, role := range map[string]web.Role{"/goals": web.Owner, "/profile": web.Manager, "/sites": web.Manager} {
			for _, r := range []web.Role{web.Viewer, web.Member, web.Manager, web.Owner} {
				want := 403
				if r >= role {
					want = 200
				}
				s.get(s.url+path, r.String()).want(want)
			}
		}
		for _, path := range []string{"/results", "/profile", "/statistics", "/goals"} {
			s.post(s.url+path, "stranger").want(404)
			s.post(s.url+path, "member").want(403)
		}
		s.get(s.url, "viewer").want(200).lacks(s.url+"/sites", s.url+"/goals", s.url+"/results")
	})
}

// Only companies that one looks after oneself stand side by side.
func TestSitesShowOnlyOnesOwn(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		second, third := s.company("owner", "第二工場"), s.company("somebody", "見るだけの会社")
		s.join(third, "owner", web.Member)
		items := s.assess.Packs.ByID(star3).Items
		s.answer(s.id, star3, items[0].ID, assess.Met)
		s.answer(second, star3, items[0].ID, assess.Met)
		s.answer(second, star3, items[1].ID, assess.Unknown)
		s.answer(s.other, star3, items[0].ID, assess.Met)
		page := s.get(s.url+"/sites", "owner").want(200, "担当する2社の、いまの状態です", "株式会社ひみつ", "第二工場", "合わせて", ">159<")
		page.lacks("よその会社", "見るだけの会社")
		s.get(s.url+"/sites?pack="+star3, "manager").want(200, "担当する1社の", "株式会社ひみつ").lacks("第二工場")
		s.get(s.url+"/sites?pack=self-diagnosis-25", "owner").want(200, "第二工場")
		for _, pack := range []string{"nothing", guideline, "iso-27001-2022-annex-a"} {
			s.get(s.url+"/sites?pack="+pack, "owner").want(404)
		}
		s.get("/api/v1"+s.url+"/sites", "owner").want(404) // a key of one company shows no other
	})
}

func TestSitesTurnPages(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		for i := range 24 {
			s.company("owner", "工場"+strconv.Itoa(100+i))
		}
		first := s.get(s.url+"/sites", "owner").want(200, "担当する20社の").Body.String()
		_, rest, ok := strings.Cut(first, "&amp;after=")
		after, _, _ := strings.Cut(rest, `"`)
		if !ok {
			t.Fatal("no second page")
		}
		s.get(s.url+"/sites?pack="+star3+"&after="+after, "owner").want(200, "担当する5社の")
	})
}

// worst fills the sheet with the longest that it takes.
func (s *stage) worst() {
	s.t.Helper()
	for i := range 4 {
		s.decisions = append(s.decisions, board.Decision{What: strconv.Itoa(i) + strings.Repeat("長い言葉で書いたこと", 25), Due: "2026-11-01", Note: strings.Repeat("費用", 60)})
	}
	s.declared = []board.Declared{{Scheme: "security-action", Stars: 2, Number: "50000000017", Since: s.now}, {Scheme: "scs", Stars: 3, Number: "SCS-000000000017", Since: s.now}}
	s.crowd(20)
	if err := s.Publish(context.Background()); err != nil {
		s.t.Fatal(err)
	}
	for i, x := range s.assess.Packs.ByID(star3).Items[:12] {
		if i == 6 {
			s.now = s.now.AddDate(0, 0, 30)
		}
		s.answer(s.id, star3, x.ID, assess.Met)
		s.proved(star3, x.ID, assess.KindCheck)
		s.proved(star3, x.ID, assess.KindConfirmation)
	}
	s.answered(s.id, "m1", "m1", "m1", "m1", "m1", "m1", "m1", "m1", "m1", assess.Unknown)
	s.post(s.url+"/results", "manager").want(303)
	s.now = s.now.AddDate(0, 0, 1)
	s.answered(s.id, "m2", "m2")
}

func TestPDFIsOnePage(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.worst()
		for _, lang := range []string{"", "en", "ja-x-easy"} {
			a := s.getIn(lang, s.url+"/board.pdf", "viewer").want(200)
			if keep := os.Getenv("MINAMORI_KEEP_PAPER"); keep != "" {
				_ = os.WriteFile(keep+"/board"+lang+".pdf", a.Body.Bytes(), 0o600)
			}
			if n := bytes.Count(a.Body.Bytes(), []byte("/Type /Page\n")); n != 1 {
				t.Errorf("%q: %d pages", lang, n)
			}
		}
	})
}

// The page prints on one sheet of A4, in every register (needs chromium).
func TestPaperPrintsOnOneSheet(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed")
	}
	each(t, func(t *testing.T, s *stage) {
		if !strings.Contains(t.Name(), "sqlite") {
			t.Skip("printing does not depend on the database")
		}
		s.worst()
		for _, lang := range []string{"", "en", "ja-x-easy"} {
			at := s.printed(chromium, lang)
			b, err := os.ReadFile(at)
			if err != nil {
				t.Fatal(err)
			}
			if n := bytes.Count(b, []byte("/Type /Page\n")); n != 1 {
				t.Errorf("%q: %d sheets", lang, n)
			}
		}
	})
}

func TestClosingTakesEverything(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.answered(s.id, all("m3")...)
		s.post(s.url+"/goals", "owner", "levels.1", "2").want(303)
		s.post(s.url+"/profile", "manager", "staff", "1", "sales", "1", "information", "1", "dependence", "1").want(303)
		s.post(s.url+"/statistics", "manager", "counts", "true").want(303)
		s.post(s.url+"/results", "manager").want(303)
		var out bytes.Buffer
		err := s.d.Read(context.Background(), func(ctx context.Context) error {
			return s.Export(ctx, s.id, func(_ string, write func(io.Writer) error) error { return write(&out) })
		})
		if err != nil || !strings.Contains(out.String(), `"levels":[3,3,3,3,3,3,3,3,3,3]`) {
			t.Errorf("%v %s", err, out.String())
		}
		for _, err := range []error{s.Close(context.Background(), s.id), s.Erase(context.Background(), "owner")} {
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, table := range []string{"board_goal", "board_profile", "board_statistics", "board_result"} {
			if n := s.value("SELECT CAST(COUNT(*) AS TEXT) FROM " + table); n != "0" {
				t.Errorf("%s keeps %s rows", table, n)
			}
		}
	})
}
