package main

import (
	"net/http"
	"time"

	"github.com/minamori-project/minamori/internal/i18n"
)

// recordFixtures gives company a what the paths of this room name: a request on paper
// and a training, both with a file, and a table on its way into a ledger.
func (s *stage) recordFixtures(owner string) map[string]string {
	s.t.Helper()
	home, today := "/orgs/"+s.a+"/records", s.clock.In(i18n.Tokyo).Format(time.DateOnly)
	for path, fields := range map[string]map[string]string{
		"/forms/user-id/paper": {
			"cells.person": "新人 はなこ（架空）", "cells.act": "new", "cells.system": "会計ソフト", "cells.reason": "経理", "cells.from": today,
			"asker": "現場 たろう（架空）", "asked_on": today, "decider": "代表 001（架空）", "approved_on": today,
		},
		"/duties/training": {
			"cells.content": "怪しいメール", "cells.method": "class", "cells.minutes": "30", "on": today, "who": "担当 さくら（架空）", "found": "なし", "attendees": "現場 たろう（架空）",
		},
	} {
		if w := s.upload(owner, home+path, "file", "signed.pdf", fields); w.Code != http.StatusSeeOther {
			s.t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	list, err := s.Record.TakeList(s.t.Context(), s.a, "devices", demoUpload("devices.csv", []byte("名前・管理番号,種類,メーカー・機種,OSと版,台数\nPC,パソコン,みほん,Windows,1\n")))
	if err != nil {
		s.t.Fatal(err)
	}
	return map[string]string{
		"{ledger}":  "devices",
		"{row}":     s.value("SELECT MAX(id) FROM record_row WHERE org_id = ? AND ledger = 'devices'", s.a),
		"{list}":    list,
		"{form}":    "user-id",
		"{request}": s.value("SELECT MAX(id) FROM record_request WHERE org_id = ? AND blob <> ''", s.a),
		"{duty}":    "training",
		"{done}":    s.value("SELECT MAX(id) FROM record_done WHERE org_id = ? AND blob <> ''", s.a),
	}
}
