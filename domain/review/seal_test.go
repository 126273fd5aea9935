package review

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/journal"
)

func TestCanonicalIsTheSameForTheSame(t *testing.T) {
	type x struct {
		B string         `json:"b"`
		A map[string]int `json:"a"`
	}
	got, err := canonical(x{"<&>守", map[string]int{"z": 1, "y": 2}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"a":{"y":2,"z":1},"b":"<&>守"}`, string(got)); diff != "" {
		t.Error(diff)
	}
}

// No statement of the package writes what a record says.
func TestNoStatementChangesARecord(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	update, found := regexp.MustCompile("(?s)UPDATE review_record SET (.*?) WHERE"), 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range update.FindAllStringSubmatch(string(b), -1) {
			found++
			for column := range strings.SplitSeq(m[1], ",") {
				if !strings.HasPrefix(strings.TrimSpace(column), "withdrawn_") {
					t.Errorf("%s writes %q of a record", file, column)
				}
			}
		}
	}
	if found == 0 {
		t.Error("no statement found: the test looks at nothing")
	}
}

// records is every record of the company as its row stands: facts, digest and all.
func (s *site) records() (all []string) {
	s.t.Helper()
	s.must(s.d.Read(context.Background(), func(ctx context.Context) error {
		for _, kind := range []Kind{Snapshot, Confirmation, Oath} {
			ids := strings.Split(s.value("SELECT COALESCE((SELECT MIN(id) || ',' || MAX(id) FROM review_record WHERE org_id = ? AND kind = ?), '')", s.a, kind), ",")
			for _, id := range ids {
				if id != "" {
					all = append(all, s.value("SELECT facts || digest || made_at || made_by || number FROM review_record WHERE id = ?", id))
				}
			}
		}
		return nil
	}))
	return all
}

// Whatever is done afterwards, what was written stays as it was written.
func TestSnapshotNeverChanges(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		snapshot, path := s.frozen()
		seat := s.seated(path, "sam", true)
		s.confirmed(seat, "sam")
		s.post(path+"/oath", "own", "read", "on").want(303)
		before := s.records()
		confirmation := s.value("SELECT id FROM review_record WHERE kind = ?", Confirmation)
		for _, act := range []struct {
			name string
			do   func()
		}{
			{"an answer changes", func() {
				_, err := s.assess.Answer(ctx, assess.AnswerInput{Org: string(s.a), Pack: pack, Item: s.items[0], Choice: assess.NotMetChoice, Actor: "mem", Revision: 1})
				s.must(err)
			}},
			{"evidence goes", func() { s.must(s.assess.RemoveEvidence(ctx, string(s.a), pack, s.items[0], s.file, "ann")) }},
			{"the company is renamed", func() {
				s.must(s.orgs.Edit(ctx, s.a, org.Profile{Kind: org.KindCompany, Name: "改名社", Industry: "E", Prefecture: "13", CorporateNumber: org.Fictional(1)}))
			}},
			{"looks", func() { s.get("/reviewing/"+seat, "sam").want(200) }},
			{"another is frozen", func() { s.frozen() }},
			{"the oath goes", func() { s.post(path+"/oath/withdraw", "own").want(303) }},
			{"the confirmation goes", func() { s.post("/reviewing/confirmations/"+confirmation+"/withdraw", "sam").want(303) }},
			{"the specialist is erased", func() { s.must(s.Erase(ctx, "sam")) }},
			{"names and words are erased", func() { s.post(path+"/erase", "own").want(303) }},
			{"the owner leaves", func() {
				s.must(s.d.Write(ctx, func(ctx context.Context) error { return s.Left(ctx, string(s.a), "own") }))
			}},
			{"the sweep comes", func() { s.must(s.Tidy(ctx)) }},
			{"it is withdrawn", func() { s.post(path+"/withdraw", "man").want(303) }},
			{"the ledger is replayed", func() {
				for _, verb := range []string{"review.snapshot-withdrawn", "review.confirmation-withdrawn", "review.oath-withdrawn", "review.erased"} {
					s.must(s.Replay(ctx, journal.Entry{Org: string(s.a), At: s.clock, Actor: "ann", Verb: verb, Subject: snapshot}))
				}
			}},
		} {
			act.do()
			after := s.records()
			if act.name == "another is frozen" {
				before = after // one more; the first is compared below by its digest
			}
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("%s: %s", act.name, diff)
			}
			s.get(path, "vi").want(200, "第1号").lacks("この記録は、作ったときの内容と合いません。")
		}
	})
}

// Whatever is changed in a row, the record shows as damaged and nothing builds on it.
func TestTamperedIsDamaged(t *testing.T) {
	for name, change := range map[string]string{
		"facts":             "UPDATE review_record SET facts = REPLACE(facts, '\"not_applicable\"', '\"shown\"') WHERE id = ?",
		"digest":            "UPDATE review_record SET digest = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' WHERE id = ?",
		"number":            "UPDATE review_record SET number = 7 WHERE id = ?",
		"date":              "UPDATE review_record SET made_at = '2026-01-01T00:00:00.000000Z' WHERE id = ?",
		"framework":         "UPDATE review_record SET pack = 'self-diagnosis-25' WHERE id = ?",
		"words":             "UPDATE review_piece SET words = REPLACE(words, 'canary', 'forged') WHERE record_id = ?",
		"a name":            "UPDATE review_piece SET words = 'だれか' WHERE name = 'person.1' AND record_id = ?",
		"a piece is gone":   "DELETE FROM review_piece WHERE name = 'person.1' AND record_id = ?",
		"a piece is called": "UPDATE review_piece SET name = 'person.99' WHERE name = 'person.1' AND record_id = ?",
	} {
		t.Run(name, func(t *testing.T) {
			eachSite(t, func(t *testing.T, s *site) {
				snapshot, path := s.frozen()
				seat := s.seated(path, "sam", true)
				s.get(path, "vi").want(200, "canary-memo")
				s.exec(change, snapshot)
				for _, page := range []string{path, path + "/print"} {
					s.get(page, "man").want(200, "この記録は、作ったときの内容と合いません。").lacks("canary-memo", "forged", "満たしている", "専門家を招く")
				}
				s.get("/reviewing/"+seat, "sam").want(200, "この記録は、作ったときの内容と合いません。").lacks("canary-memo")
				s.get("/reviewing/"+seat+"/items/"+s.items[0]+"/evidence/"+s.file, "sam").want(404)
				s.post("/reviewing/"+seat+"/findings", "sam", "verdict."+s.items[0], "confirmed").want(409)
				s.post(path+"/specialists", "ann", "email", "x@example.jp").want(409)
				s.get(path+"/oath", "ann").want(409)
				s.get(path+"/record.json", "man").want(200, `"damaged": true`)
			})
		})
	}
}

// Who rewrites a snapshot and its digest is found by what was recorded on it.
func TestRewrittenSnapshotLosesItsConfirmation(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		snapshot, path := s.frozen()
		s.confirmed(s.seated(path, "sam", false), "sam")
		facts := strings.Replace(s.value("SELECT facts FROM review_record WHERE id = ?", snapshot), `"not_applicable"`, `"shown"`, 1)
		s.exec("UPDATE review_record SET facts = ?, digest = ? WHERE id = ?", facts, hexSum([]byte(facts)), snapshot)
		s.get(path, "vi").want(200, "この記録は、作ったときの内容と合いません。").lacks("専門 sam")
	})
}

// What names a person goes; the digest stays and proves the rest.
func TestErasureKeepsTheDigest(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		snapshot, path := s.frozen()
		s.confirmed(s.seated(path, "sam", false), "sam")
		digest := s.value("SELECT digest FROM review_record WHERE id = ?", snapshot)

		s.must(s.Erase(ctx, "mem"))
		s.get(path, "vi").want(200, digest, "canary-memo", "名前かメモを消しました。", "名前 man").lacks("名前 mem", "この記録は")
		s.get(path+"/erase", "ann").want(200, "元には戻せません。")
		s.post(path+"/erase", "man").want(403)
		s.post(path+"/erase", "ann!").want(403)
		if at := s.value("SELECT CAST(COUNT(*) AS TEXT) FROM review_piece WHERE record_id = ? AND erased_at IS NULL", snapshot); at == "0" {
			t.Fatal("erased without a fresh login")
		}
		s.post(path+"/erase", "ann").want(303)
		s.get(path, "man").want(200, digest, "2026年11月24日に、名前かメモを消しました。", "名前を消した資料", "該当なし", "専門 sam").
			lacks("canary-memo", "canary-reason", "canary-file", "名前 man", "この記録は、作った")
		s.get(path+"/record.json", "man").want(200, digest, `"damaged": false`).lacks("canary")
		if left := s.value("SELECT CAST(COUNT(*) AS TEXT) FROM review_piece WHERE record_id = ? AND (words <> '' OR salt <> '' OR account_id <> '')", snapshot); left != "0" {
			t.Errorf("%s pieces still say something", left)
		}

		s.must(s.Erase(ctx, "sam"))
		s.get(path, "vi").want(200, "（消しました）", "登録セキスペ", "canary-advice").lacks("専門 sam", "第000001号", "この記録は、作った")
	})
}

// Facts hold no name, no account and no word that somebody wrote.
func TestFactsNameNobody(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		snapshot, path := s.frozen()
		s.confirmed(s.seated(path, "sam", false), "sam")
		facts := s.value("SELECT facts FROM review_record WHERE id = ?", snapshot) +
			s.value("SELECT facts FROM review_record WHERE kind = ?", Confirmation)
		for _, said := range []string{"canary", "名前 m", "専門 sam", `"mem"`, `"man"`, `"sam"`, "第000001号", "規程3点"} {
			if strings.Contains(facts, said) {
				t.Errorf("the facts say %q", said)
			}
		}
		var e envelope
		if err := json.Unmarshal([]byte(s.value("SELECT facts FROM review_record WHERE id = ?", snapshot)), &e); err != nil || len(e.Pieces) == 0 {
			t.Errorf("%v, %d pieces", err, len(e.Pieces))
		}
	})
}

// A sole proprietor's own name is a piece, since it is a person's.
func TestSoleProprietorsNameIsAPiece(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		o, err := s.orgs.Create(ctx, "hana", org.Profile{Kind: org.KindSoleProprietor, Name: "見本 はなこ", TradeName: "はなこ製図", Industry: "L", Prefecture: "13"})
		s.must(err)
		_, err = s.assess.Answer(ctx, assess.AnswerInput{Org: string(o.ID), Pack: pack, Item: s.items[0], Choice: assess.Met, Actor: "hana"})
		s.must(err)
		r, err := s.Freeze(ctx, string(o.ID), pack, "", "hana")
		s.must(err)
		if strings.Contains(r.Facts, "見本 はなこ") || !strings.Contains(r.Facts, "はなこ製図") {
			t.Errorf("the facts: %.400s", r.Facts)
		}
		path := snapshotPath(string(o.ID), r.ID)
		s.get(path, "hana").want(200, "見本 はなこ")
		s.must(s.ErasePieces(ctx, string(o.ID), Snapshot, r.ID))
		s.get(path, "hana").want(200, "はなこ製図").lacks("見本 はなこ")
	})
}

// A company takes everything with it, and nothing stays behind.
func TestExportAndClose(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		_, path := s.frozen()
		s.confirmed(s.seated(path, "sam", false), "sam")
		s.post(path+"/oath", "ann", "read", "on").want(303)
		s.get("/reviewing", "sam").want(200)
		all := map[string]string{}
		s.must(s.d.Read(ctx, func(ctx context.Context) error {
			return s.Export(ctx, string(s.a), func(name string, write func(io.Writer) error) error {
				var b strings.Builder
				err := write(&b)
				all[name] = b.String()
				return err
			})
		}))
		for name, part := range map[string]string{"snapshots.json": "canary-memo", "specialists.json": "専門 sam", "specialist-looks.json": "[", "proposals.json": "["} {
			if !strings.Contains(all[name], part) {
				t.Errorf("%s lacks %q: %.300s", name, part, all[name])
			}
		}
		s.must(s.Close(ctx, string(s.a)))
		for _, table := range []string{"review_record", "review_piece", "review_seat", "review_look", "review_finding", "review_number", "review_proposal"} {
			if n := s.value("SELECT CAST(COUNT(*) AS TEXT) FROM "+table+" WHERE org_id = ?", s.a); n != "0" {
				t.Errorf("%s keeps %s rows", table, n)
			}
		}
	})
}

func TestCompare(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		first, path := s.frozen()
		s.get(path+"/compare", "vi").want(200, "比べる確定版がありません。")
		_, err := s.assess.Answer(context.Background(), assess.AnswerInput{Org: string(s.a), Pack: pack, Item: s.items[3], Choice: assess.Met, Memo: "別の言葉", Actor: "mem", Revision: 1})
		s.must(err)
		second, next := s.frozen()
		title := s.assess.Packs.ByID(pack).Item(s.items[3]).Title.JA
		s.get(next+"/compare", "vi").want(200, "変わったところ（1件）", strings.ReplaceAll(title, "&", "&amp;"), "書いたこと")
		s.get(path+"/compare?with="+second, "vi").want(200, "変わったところ（1件）")
		s.get(next+"/compare?with="+first, "ben").want(404)
		s.get(next+"/compare?with=nobody", "vi").want(404)
	})
}
