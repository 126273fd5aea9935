package assess

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func (st *stage) result(as, org, pack string) (v ResultView) {
	st.t.Helper()
	a := st.want(st.get(as, "/api/v1/orgs/"+org+"/frameworks/"+pack+"/result"), 200)
	if err := json.Unmarshal(a.Body.Bytes(), &v); err != nil {
		st.t.Fatal(err)
	}
	return v
}

// The newcomer's whole way, and points that were added up by hand.
func TestTwentyFiveAnswersGiveAResult(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		next := st.want(st.get("hana", here+"/start"), http.StatusSeeOther).Header().Get("Location")
		choices := []string{Done, Partly, NotDone, Unknown, Done}
		for i := range 25 {
			if want := question + strconv.Itoa(i+1); next != want {
				t.Fatalf("after %d answers the way leads to %s", i, next)
			}
			next = st.want(st.post("hana", next, "answer", choices[i%5]), http.StatusSeeOther).Header().Get("Location")
		}
		if next != here+"/result" {
			t.Fatalf("after the last answer the way leads to %s", next)
		}
		v := st.result("hana", "mihon", pack25)
		// 5 × (4 + 2 + 0 − 1 + 4)
		if v.Points != 45 || v.Max != 100 || !v.Complete || v.Unknown != 5 || v.Band == nil || v.Band.Code != "start" || len(v.Next) != 3 {
			t.Errorf("result %+v", v)
		}
		page := st.want(st.get("mori", here+"/result"), 200)
		for _, want := range []string{"まだのところや、わからないところ", "45 <small>", "次にやること、3つ", "くらべません", "会社が述べたこと", "答えた人：人:hana"} {
			if !strings.Contains(page.body(), want) {
				t.Errorf("result lacks %q", want)
			}
		}
		if page.queries != 5 {
			t.Errorf("the result asks the database %d times, want 5", page.queries)
		}
		home := st.want(st.get("mori", "/orgs/mihon"), 200)
		if home.queries != 3 || !strings.Contains(home.body(), "45 <small>") {
			t.Errorf("home after %d queries: %.300s", home.queries, home.body())
		}
		if list := st.want(st.get("mori", here), 200); list.queries != 2 || !strings.Contains(list.body(), "25問すべてに答えました") {
			t.Errorf("list after %d queries", list.queries)
		}
	})
}

func TestTrendKeepsOneResultADay(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.fill("mihon", "hana", NotDone)
		st.now = st.now.AddDate(0, 2, 0)
		st.want(st.post("hana", question+"1", "answer", "partly", "revision", "1"), http.StatusSeeOther)
		st.want(st.post("hana", question+"1", "answer", "done", "revision", "2"), http.StatusSeeOther)
		got := st.result("hana", "mihon", pack25).Trend
		want := []DayResult{{"2026-10-14", 0, 25}, {"2026-12-14", 4, 25}}
		if !slices.Equal(got, want) {
			t.Errorf("trend %v, want %v", got, want)
		}
		if page := st.get("hana", here+"/result").body(); !strings.Contains(page, "2026年10月14日より4点上がりました") {
			t.Error("the page does not say how the score moved")
		}
	})
}

func TestUnansweredIsSaidHonestly(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.want(st.post("hana", question+"1", "answer", "not_done"), http.StatusSeeOther)
		page := st.want(st.get("hana", here+"/result"), 200).body()
		if !strings.Contains(page, "あと24問で、点数が出ます") || strings.Contains(page, "<small>点") {
			t.Errorf("page of one answer: %.400s", page)
		}
		v := st.result("hana", "mihon", pack25)
		if v.Complete || v.Band != nil || len(v.Trend) != 0 || v.Rows[1].Answer != nil || len(v.Next) != 1 {
			t.Errorf("result %+v", v)
		}
		if home := st.get("hana", "/orgs/neu").body(); !strings.Contains(home, "はじめの質問へ") || !strings.Contains(home, "まだありません") {
			t.Error("the home of a new company does not lead to the first question")
		}
	})
}

func TestPledgeIsNeverBlocked(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		base := "/orgs/mihon/frameworks/" + pledge6
		for i := range 6 {
			st.want(st.post("hana", fmt.Sprintf("%s/items/%d", base, i+1), "answer", []string{Unknown, NotDone}[i%2]), http.StatusSeeOther)
		}
		page := st.want(st.get("hana", base+"/result"), 200).body()
		for _, want := range []string{"一つ星を宣言する準備ができました", "ここでは宣言されません", "GビズID", "まだ確かめていないところがあります"} {
			if !strings.Contains(page, want) {
				t.Errorf("pledge lacks %q", want)
			}
		}
		if strings.Contains(page, "宣言しました") {
			t.Error("the page says that something was declared")
		}
		if list := st.want(st.get("hana", base), 200).body(); !strings.Contains(list, "これから取り組む") {
			t.Error("the list does not show the pledge")
		}
	})
}

func TestEditionsStayApart(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		old := "/orgs/mihon/frameworks/" + pledge5
		page := st.want(st.get("hana", old), 200).body()
		if !strings.Contains(page, "これは前の版") || !strings.Contains(page, `href="/orgs/mihon/frameworks/`+pledge6+`"`) {
			t.Error("the old edition does not point to the present one")
		}
		if home := st.get("hana", "/orgs/mihon").body(); strings.Contains(home, pledge5) {
			t.Error("home offers an edition that holds no more")
		}
		st.want(st.post("hana", old+"/items/1", "answer", "done"), http.StatusSeeOther)
		if v := st.result("hana", "mihon", pledge6); v.Answered != 0 {
			t.Errorf("an answer moved to another edition: %+v", v)
		}
		if home := st.get("hana", "/orgs/mihon").body(); !strings.Contains(home, pledge5) {
			t.Error("home forgets the answers to the old edition")
		}
		st.now = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		if page := st.get("hana", old).body(); strings.Contains(page, "これは前の版") {
			t.Error("the edition is called old while it holds")
		}
	})
}

// paths are all pages and files of the room.
func paths(org string) (read, write []string) {
	base := "/orgs/" + org
	p := base + "/frameworks/" + pack25
	return []string{base, base + "/frameworks", p, p + "/start", p + "/items/1", p + "/result", p + "/result/print", p + "/result.pdf", p + "/result.csv", p + "/items/1/evidence/x", p + "/items/1/evidence/x/remove",
			p + "/items/1/comments", base + "/evidence", base + "/evidence/x"},
		[]string{p + "/items/1", p + "/items/1/choice", p + "/items/1/evidence", p + "/items/1/evidence/x/remove", p + "/statistics",
			p + "/items/1/comments", p + "/items/1/comments/seen", base + "/evidence/x/serves", base + "/evidence/x/renew"}
}

func TestWhoMay(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		read, write := paths("mihon")
		for _, route := range st.Routes() {
			if !strings.HasPrefix(route.Path, "/orgs/{org}") {
				t.Errorf("%s is not bound to an organisation", route.Path)
			}
		}
		if len(read)+len(write) != len(st.Routes()) {
			t.Errorf("%d paths for %d routes", len(read)+len(write), len(st.Routes()))
		}
		for _, p := range read {
			st.want(st.get("stranger", p), 404)
			if strings.Contains(p, "/evidence/") {
				continue
			}
			if a := st.get("mori", p); a.Code != 200 && a.Code != 303 {
				t.Errorf("viewer at %s: %d", p, a.Code)
			}
		}
		for _, p := range write {
			st.want(st.post("stranger", p, "answer", "done"), 404)
			st.want(st.post("mori", p, "answer", "done"), 403)
		}
		if page := st.get("mori", question+"1").body(); strings.Contains(page, "<form class=\"form\"") || !strings.Contains(page, "いまの役割では") {
			t.Error("a viewer is shown a form that he may not send")
		}
		for _, p := range []string{"/orgs/mihon/frameworks/unknown", "/orgs/mihon/frameworks/unknown/result", question + "99", here + "/items/x"} {
			st.want(st.get("hana", p), 404)
		}
		st.want(st.post("hana", question+"99", "answer", "done"), 404)
	})
}

// Whatever form a result takes, it is the same result.
func TestFilesAgree(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.fill("mihon", "hana", Done, Partly, NotDone, Unknown, Done)
		st.want(st.post("hana", question+"1", "answer", "done", "memo", "=HYPERLINK(\"http://evil\")", "revision", "1"), http.StatusSeeOther)
		v := st.result("hana", "mihon", pack25)
		file := st.want(st.get("hana", here+"/result.csv"), 200)
		lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.body(), "\ufeff"))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		sum := 0
		for i, row := range v.Rows {
			cells := lines[i+1]
			n, _ := strconv.Atoi(cells[3])
			sum += n
			if cells[1] != row.Title || cells[2] != row.Answer.Word || n != row.Points {
				t.Errorf("line %d of the CSV is %q, JSON has %+v", i+1, cells, row)
			}
		}
		if total := lines[26][3]; sum != v.Points || total != strconv.Itoa(v.Points) {
			t.Errorf("CSV adds up to %d and says %s, JSON says %d", sum, total, v.Points)
		}
		for i, line := range strings.Split(strings.TrimSuffix(strings.TrimPrefix(file.body(), "\ufeff"), "\r\n"), "\r\n") {
			if !strings.HasPrefix(line, `"`) || !strings.HasSuffix(line, `"`) || strings.Count(line, `","`) < 7 {
				t.Errorf("line %d has cells without quotes, which a semicolon cuts: %s", i, line)
			}
		}
		if got := lines[1][5]; got != `'=HYPERLINK("http://evil")` {
			t.Errorf("a formula comes as %q", got)
		}
		doc := st.want(st.get("hana", here+"/result.pdf"), 200)
		if text := pdfText(t, doc.Body.Bytes()); text != "" {
			for _, want := range append([]string{strconv.Itoa(v.Points), "会社が自分で調べた結果です", v.Band.Label, v.Next[0].Title, v.Next[0].Steps[0]}, v.Areas[0].Title, v.Rows[24].Title) {
				if !strings.Contains(text, squeeze(want)) {
					t.Errorf("PDF lacks %q", want)
				}
			}
		}
	})
}

var spaces = regexp.MustCompile(`\s+`)

// squeeze drops what the setting of lines adds.
func squeeze(s string) string { return spaces.ReplaceAllString(s, "") }

// pdfText is what a reader copies out of a PDF, or "" where no tool is at hand.
func pdfText(t *testing.T, doc []byte) string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Log("text of the PDF not checked: pdftotext is not installed")
		return ""
	}
	cmd := exec.Command(tool, "-", "-")
	cmd.Stdin = bytes.NewReader(doc)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return squeeze(string(out))
}

func TestCell(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "控え": "控え", "=1": "'=1", "＝1": "'＝1", "+81": "'+81", "-1": "'-1", "@x": "'@x", "\tx": "'\tx", "＋": "'＋", "'": "'",
	} {
		if got := cell(in); got != want {
			t.Errorf("cell(%q) = %q, want %q", in, got, want)
		}
	}
}

// Every page in every register: no text missing, nothing the policy refuses.
func TestPagesInEveryRegister(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.fill("mihon", "hana", Done, Partly, NotDone, Unknown)
		st.now = st.now.AddDate(0, 1, 0)
		st.want(st.upload("taro", question+"2", "設定.png", []byte("x"), "answer", "done", "revision", "1"), http.StatusSeeOther)
		st.want(st.post("hana", "/orgs/half/frameworks/"+pack25+"/items/1", "answer", "unknown"), http.StatusSeeOther)
		for i := range 6 {
			st.want(st.post("hana", fmt.Sprintf("/orgs/mihon/frameworks/%s/items/%d", pledge6, i+1), "answer", "partly"), http.StatusSeeOther)
		}
		var all []string
		for _, org := range []string{"mihon", "half", "neu"} {
			read, _ := paths(org)
			all = append(all, read[0], read[1], read[2], read[4], read[5], read[6], question+"2")
			all = append(all, strings.ReplaceAll(read[2], pack25, pledge6), strings.ReplaceAll(read[5], pack25, pledge6), strings.ReplaceAll(read[6], pack25, pledge6))
			all = append(all, strings.ReplaceAll(read[2], pack25, star3), strings.ReplaceAll(read[2], pack25, "nist-csf-2"), strings.ReplaceAll(read[2], pack25, "executive-guideline-3"))
		}
		all = append(all, "/orgs/mihon/evidence", "/orgs/neu/evidence", question+"1/comments", "/orgs/mihon/frameworks")
		all = append(all, "/orgs/neu/frameworks/"+pledge5, star+"/items/4-1-5-1", star+"/items/1-2-1-1",
			"/orgs/mihon/frameworks/nist-csf-2/items/gv-oc", "/orgs/mihon/frameworks/executive-guideline-3/items/1")
		for _, lang := range []string{"ja", "ja-x-easy", "en"} {
			for _, as := range []string{"hana", "mori"} {
				for _, p := range all {
					body := st.want(st.do(as, lang, httptest.NewRequest("GET", p, nil)), 200).body()
					for _, bad := range []string{"⟦", "style=", "<script>", "%!", "hx-on"} {
						if strings.Contains(body, bad) {
							t.Errorf("%s in %s holds %q", p, lang, bad)
						}
					}
					if n := strings.Count(body, "<h1"); n != 1 {
						t.Errorf("%s in %s has %d h1", p, lang, n)
					}
				}
			}
		}
	})
}
