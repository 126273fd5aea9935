package record_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/minamori-project/minamori/domain/assess"
)

// device is a row as typed.
func device(name string, more ...string) []string {
	return append([]string{"cells.name", name, "cells.kind", "pc", "cells.maker", "みほん電機 M-1", "cells.os", "Windows 11", "cells.count", "３"}, more...)
}

func TestLedgerBecomesEvidenceForAYear(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id := s.company("甲", 7)
		ledger := "/orgs/" + id + "/records/ledgers/devices"
		s.met(id, "3-1-1-1")
		if got := s.stands(id, "3-1-1-1"); got != assess.Word {
			t.Errorf("before: %s", got)
		}
		s.get(ledger, "甲-viewer").want(200, "まだ何も書いていません").wantNot("1行加える")
		s.post(ledger+"/look", "甲-member").want(409, "まだ行がありません")
		s.post(ledger+"/rows", "甲-member", "cells.name", "PC", "cells.kind", "tractor", "cells.count", "多い").want(422, "選べる中から", "数字で書いて", `value="PC"`, "ここを書いて")
		s.get(s.post(ledger+"/rows", "甲-member", device("事務所のPC")...).next(), "甲-viewer").want(200, "事務所のPC", "1行あります")
		s.get(ledger, "甲-viewer").want(200, "まだ棚卸しをしていません")
		s.post(ledger+"/look", "甲-member", "note", "使わない1台を消した").want(303)
		s.get(ledger, "甲-viewer").want(200, "2027年10月14日まで", "使わない1台を消した", "甲-memberさん")
		if got := s.stands(id, "3-1-1-1"); got != assess.Shown {
			t.Errorf("looked through: %s", got)
		}
		s.now = s.now.AddDate(1, 0, 1)
		if got := s.stands(id, "3-1-1-1"); got != assess.Expired {
			t.Errorf("after a year: %s", got)
		}
		s.get(ledger, "甲-viewer").want(200, "棚卸しの期限が過ぎました")
		s.post(ledger+"/look", "甲-member").want(303)

		row := s.value("SELECT id FROM record_row WHERE org_id = ?", id)
		s.get(ledger+"/rows/"+row, "甲-viewer").want(200, "みほん電機").wantNot("<form class=\"form\"")
		s.post(ledger+"/rows/"+row, "甲-member", device("工場のPC")...).want(303)
		s.get(ledger+"/rows/"+row, "甲-member").want(200, `value="工場のPC"`, `value="3"`)
		s.post(ledger+"/rows/"+row+"/remove", "甲-member").want(303)
		if got := s.stands(id, "3-1-1-1"); got != assess.Word {
			t.Errorf("without rows: %s", got)
		}
		s.sound()
	})
}

func TestLedgerIsThatOfItsCompany(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id, other := s.company("甲", 7), s.company("乙", 8)
		ledger := "/orgs/" + id + "/records/ledgers/devices"
		s.post(ledger+"/rows", "甲-member", device("事務所のPC")...).want(303)
		row := s.value("SELECT id FROM record_row WHERE org_id = ?", id)
		theirs := "/orgs/" + other + "/records/ledgers/devices"
		for _, path := range []string{ledger, ledger + "/rows/" + row, ledger + "/new"} {
			s.get(path, "乙-owner").want(404)
			s.get(path, "").want(303) // to the login
		}
		s.get(theirs+"/rows/"+row, "乙-owner").want(404)
		s.get(theirs+"?after="+row, "乙-owner").want(404)
		s.post(theirs+"/rows/"+row, "乙-owner", device("x")...).want(404)
		s.post(theirs+"/rows/"+row+"/remove", "乙-owner").want(404)
		s.get("/orgs/"+id+"/records/ledgers/networks/rows/"+row, "甲-owner").want(404)
		s.get("/orgs/"+id+"/records/ledgers/none", "甲-owner").want(404)
		for _, path := range []string{"/rows", "/rows/" + row, "/rows/" + row + "/remove", "/look"} {
			s.post(ledger+path, "甲-viewer", device("x")...).want(403)
		}
		if n := s.value("SELECT CAST(COUNT(*) AS TEXT) FROM record_row"); n != "1" {
			t.Errorf("%s rows", n)
		}
	})
}

func TestLedgerIsReadPageByPage(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id := s.company("甲", 7)
		ledger := "/orgs/" + id + "/records/ledgers/devices"
		for i := range 60 {
			s.post(ledger+"/rows", "甲-member", device(fmt.Sprintf("PC-%02d", i))...).want(303)
		}
		first := s.get(ledger, "甲-viewer").want(200, "60行あります", "PC-00", "PC-49").wantNot("PC-50").Body.String()
		_, rest, _ := strings.Cut(first, ledger+"?after=")
		after, _, _ := strings.Cut(rest, `"`)
		s.get(ledger+"?after="+after, "甲-viewer").want(200, "PC-50", "PC-59").wantNot("PC-49")
	})
}
