package record_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A full ledger is taken in, changed and handed over in one go.
func TestFullLedger(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id := s.company("甲", 7)
		ledger := "/orgs/" + id + "/records/ledgers/devices"
		var b strings.Builder
		b.WriteString("名前・管理番号,種類,メーカー・機種,OSと版,台数\n")
		for i := range 5_000 {
			fmt.Fprintf(&b, "PC-%04d,パソコン,みほん電機 M-1,Windows 11,1\n", i)
		}
		start := time.Now()
		at := s.upload(ledger+"/lists", "甲-member", "all.csv", []byte(b.String())).next()
		seen := s.seen(s.get(at, "甲-member").want(200, "5000行増え").Body.String())
		s.post(at+"/apply", "甲-member", "seen", seen).want(303)
		took := time.Since(start)
		s.get(ledger, "甲-viewer").want(200, "PC-0000", "PC-0049") // in the order of the file
		start = time.Now()
		out := s.get(ledger+"/table.xlsx", "甲-viewer").want(200).Body.Bytes()
		wrote := time.Since(start)
		start = time.Now()
		at = s.upload(ledger+"/lists", "甲-member", "all.xlsx", out).next()
		s.get(at, "甲-member").want(200, "変わるところはありません")
		t.Logf("taken in %s, written %s (%d KB), read back %s", took, wrote, len(out)>>10, time.Since(start))
		s.post(ledger+"/rows", "甲-member", device("one more")...).want(409, "いっぱいです")
	})
}
