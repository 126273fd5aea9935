package record_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/record"
	"github.com/minamori-project/minamori/internal/i18n"
)

func trained(on string, more ...string) []string {
	return append([]string{"on", on, "who", "佐藤 先生", "cells.content", "怪しいメール", "cells.method", "class", "cells.minutes", "45", "found", "変わりなし", "attendees", "山田 太郎\n鈴木 花子、田中 次郎\n"}, more...)
}

func (s *stage) duty(org, id string) record.Duty {
	s.t.Helper()
	var all []record.Duty
	err := s.d.Read(context.Background(), func(ctx context.Context) (err error) {
		all, err = s.Duties(ctx, org)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, d := range all {
		if d.ID == id {
			return d
		}
	}
	s.t.Fatalf("no duty %s", id)
	return record.Duty{}
}

func TestDutyLeavesARecord(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id := s.company("甲", 7)
		all := "/orgs/" + id + "/records/duties"
		s.met(id, "4-2-2-1", "4-2-2-2")
		s.get(all, "甲-viewer").want(200, "まだ一度も書いていないものが16件", "事故にそなえる教育をする")
		s.get(all+"/training", "甲-viewer").want(200, "教材を用意します").wantNot("行ったことを書く")
		s.post(all+"/training", "甲-viewer", trained("2026-10-10")...).want(403)
		s.post(all+"/training", "甲-member", "on", "2026-12-24", "cells.minutes", "長い").want(422, "今日までの日", "数字で", "出た人を1人以上", `value="2026-12-24"`)

		s.post(all+"/training/plan", "甲-member", "due", "2026-10-01").want(422, "今日より後")
		s.post(all+"/training/plan", "甲-member", "due", "2026-11-01").want(303)
		if d := s.duty(id, "training"); i18n.ISO(d.Due) != "2026-11-01" || !d.Done.IsZero() {
			t.Errorf("planned: %+v", d)
		}
		at := s.upload(all+"/training", "甲-member", "list.pdf", []byte("%PDF-1.4"), trained("2026-10-10")...).next()
		s.get(at, "甲-viewer").want(200, "2026年10月10日に行いました", "山田 太郎、鈴木 花子、田中 次郎", "3人", "45", "集まって", "甲-memberさん")
		s.get(at+"/file", "甲-viewer").want(200, "%PDF")
		if d := s.duty(id, "training"); i18n.ISO(d.Due) != "2027-10-10" || i18n.ISO(d.Done) != "2026-10-10" {
			t.Errorf("done: %+v", d)
		}
		// One duty, two criteria: one asks that it is done, the other for its record.
		for _, item := range []string{"4-2-2-1", "4-2-2-2"} {
			if got := s.stands(id, item); got != assess.Shown {
				t.Errorf("%s: %s", item, got)
			}
		}
		s.now = time.Date(2027, 10, 10, 14, 59, 0, 0, time.UTC) // the last minute of the day in Japan
		if got := s.stands(id, "4-2-2-1"); got != assess.Shown {
			t.Errorf("on the last day: %s", got)
		}
		s.get(all, "甲-viewer").want(200, "もうすぐ").wantNot("予定日を過ぎた")
		s.now = s.now.Add(2 * time.Minute)
		if got := s.stands(id, "4-2-2-1"); got != assess.Expired {
			t.Errorf("a year later: %s", got)
		}
		s.get(all, "甲-viewer").want(200, "予定日を過ぎたものが1件")

		s.post(at+"/remove", "甲-member").want(403)
		s.post(at+"/remove", "甲-manager").want(303)
		s.get(at, "甲-manager").want(404)
		if got := s.stands(id, "4-2-2-2"); got != assess.Word {
			t.Errorf("taken out: %s", got)
		}
		if len(s.files) != 0 {
			t.Error("the file is still there")
		}
		s.sound()
	})
}

// 4-4-4-2 gives 14 days from the release of an update; later it takes something else.
func TestUpdatesCountWithinFourteenDays(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id := s.company("甲", 7)
		duty := "/orgs/" + id + "/records/duties/updates"
		s.met(id, "4-4-4-2")
		for _, x := range []struct {
			released, installed, instead string
			want                         assess.State
		}{
			{"2026-09-01", "2026-09-15", "", assess.Shown},
			{"2026-09-01", "2026-09-16", "", assess.Word},
			{"2026-09-01", "2026-09-16", "つなぐのを止めた", assess.Shown},
			{"2026-09-01", "", "", assess.Word},
			{"2026-09-20", "2026-09-19", "", assess.Word},
		} {
			s.now = s.now.Add(time.Minute)
			at := s.post(duty, "甲-member", "on", "2026-10-14", "who", "佐藤", "found", "なし", "cells.update", "OSの更新",
				"cells.released", x.released, "cells.installed", x.installed, "cells.instead", x.instead).next()
			if got := s.stands(id, "4-4-4-2"); got != x.want {
				t.Errorf("%+v: %s", x, got)
			}
			if page := s.get(at, "甲-viewer").want(200).Body.String(); strings.Contains(page, "裏付けにはなりません") != (x.want == assess.Word) {
				t.Errorf("%+v: the page says otherwise", x)
			}
		}
	})
}

func TestDutyIsThatOfItsCompany(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id, other := s.company("甲", 7), s.company("乙", 8)
		at := s.post("/orgs/"+id+"/records/duties/training", "甲-member", trained("2026-10-10")...).next()
		theirs := strings.Replace(at, id, other, 1)
		for _, path := range []string{at, theirs, theirs + "/file", at + "/file", "/orgs/" + id + "/records", "/orgs/" + id + "/records/duties", "/orgs/" + id + "/records/duties/training"} {
			s.get(path, "乙-owner").want(404)
		}
		s.post(theirs+"/remove", "乙-owner").want(404)
		s.post("/orgs/"+id+"/records/duties/training/plan", "乙-owner", "due", "2026-12-01").want(404)
		s.get(strings.Replace(at, "training", "roles-review", 1), "甲-owner").want(404)
		s.get("/orgs/"+id+"/records/duties/none", "甲-owner").want(404)
		if d := s.duty(other, "training"); !d.Done.IsZero() {
			t.Error("done for the other company")
		}
	})
}

func TestOverviewSaysWhatIsThere(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id := s.company("甲", 7)
		at := "/orgs/" + id + "/records"
		s.get(at, "甲-viewer").want(200, "9の台帳のうち、0が裏付け", "まだありません")
		s.post(at+"/ledgers/devices/rows", "甲-member", device("PC")...).want(303)
		s.get(at, "甲-viewer").want(200, "書いてある（棚卸しはまだ）")
		s.post(at+"/ledgers/devices/look", "甲-member").want(303)
		s.post(at+"/forms/user-id", "甲-member", newID...).want(303)
		s.get(at, "甲-viewer").want(200, "9の台帳のうち、1が裏付け", "2027年10月14日", "承認を待っている申請が1件")
		s.now = s.now.AddDate(2, 0, 0)
		s.get(at, "甲-viewer").want(200, "期限の過ぎたものが1件")
		for _, lang := range []string{"ja-x-easy", "en"} {
			s.in(lang, at, "甲-viewer").want(200)
			s.in(lang, at+"/ledgers/devices", "甲-member").want(200)
			s.in(lang, at+"/duties/training", "甲-member").want(200)
			s.in(lang, at+"/requests", "甲-member").want(200)
		}
	})
}

func TestErasedPersonLeavesTheRecords(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id, other := s.company("甲", 7), s.company("乙", 8)
		ctx := context.Background()
		const person = "甲-memberさん" // as People calls the account
		for _, c := range []struct{ id, who string }{{id, "甲-member"}, {other, "乙-member"}} {
			at := "/orgs/" + c.id + "/records"
			s.post(at+"/ledgers/devices/rows", c.who, device("PC", "cells.person", person, "cells.place", person+"の席")...).want(303)
			s.post(at+"/ledgers/devices/look", c.who, "note", person+"と見た").want(303)
			s.post(at+"/duties/training", c.who, trained("2026-10-10", "attendees", "")...).want(303)
			s.post(at+"/duties/roles-review", c.who, "on", "2026-10-10", "who", person, "found", person+"が係", "cells.roles", person).want(303)
			s.post(at+"/forms/user-id", c.who, append([]string{"cells.person", person}, newID[2:]...)...).want(303)
		}
		if err := s.Erase(ctx, "甲-member"); err != nil {
			t.Fatal(err)
		}
		for _, q := range []string{"SELECT cells FROM record_row", "SELECT note FROM record_look", "SELECT cells || who || found || attendees FROM record_done", "SELECT cells || asker FROM record_request"} {
			for _, text := range s.all(q+" WHERE org_id = ?", id) {
				if strings.Contains(text, person) {
					t.Errorf("%s: %s", q, text)
				}
			}
		}
		// A namesake of a company with which he had nothing to do stays.
		if v := s.value("SELECT cells FROM record_row WHERE org_id = ?", other); !strings.Contains(v, person) {
			t.Errorf("namesake: %s", v)
		}
		s.get("/orgs/"+id+"/records/duties/roles-review", "甲-viewer").want(200)
	})
}

func TestClosingTakesEverything(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id, other := s.company("甲", 7), s.company("乙", 8)
		ctx := context.Background()
		for _, c := range []struct{ id, who string }{{id, "甲-member"}, {other, "乙-member"}} {
			at := "/orgs/" + c.id + "/records"
			s.post(at+"/ledgers/devices/rows", c.who, device("PC")...).want(303)
			s.post(at+"/ledgers/devices/look", c.who).want(303)
			s.upload(at+"/ledgers/devices/lists", c.who, "a.xlsx", spreadsheet(t, headings, []any{"PC", "パソコン", "x", "x", 1})).want(303)
			s.post(at+"/duties/training", c.who, trained("2026-10-10")...).want(303)
			s.post(at+"/duties/training/plan", c.who, "due", "2026-12-01").want(303)
			s.post(at+"/forms/user-id", c.who, newID...).want(303)
		}
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		err := s.d.Read(ctx, func(ctx context.Context) error {
			return s.Export(ctx, id, func(name string, write func(io.Writer) error) error {
				w, err := z.Create(name)
				if err != nil {
					return err
				}
				return write(w)
			})
		})
		if err != nil || z.Close() != nil {
			t.Fatal(err)
		}
		parts := map[string]string{}
		r, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range r.File {
			b, _ := f.Open()
			text, _ := io.ReadAll(b)
			parts[f.Name] = string(text)
		}
		for name, says := range map[string]string{"ledgers.json": "みほん電機", "looked-through.json": "devices", "duties.json": "鈴木 花子", "requests.json": "新人 花子"} {
			if !strings.Contains(parts[name], says) {
				t.Errorf("%s: %.200s", name, parts[name])
			}
		}
		for range 2 {
			if err := s.Close(ctx, id); err != nil {
				t.Fatal(err)
			}
		}
		left := map[string]string{}
		for _, table := range []string{"row", "look", "list", "request", "done", "plan"} {
			left[table] = s.value("SELECT CAST(COUNT(*) AS TEXT) FROM record_"+table+" WHERE org_id = ?", id) + s.value("SELECT CAST(COUNT(*) AS TEXT) FROM record_"+table)
		}
		if d := cmp.Diff(map[string]string{"row": "01", "look": "01", "list": "01", "request": "01", "done": "01", "plan": "01"}, left); d != "" {
			t.Error(d)
		}
	})
}
