package main

import (
	"context"
	"errors"
	"time"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/domain/record"
	"github.com/minamori-project/minamori/internal/i18n"
)

// openRecord builds the room. The sheets come with the program: one that is wrong is a
// mistake of ours, which the tests find.
func (h *House) openRecord() *record.Room {
	book, err := record.LoadBook(content.Ledgers(), content.Forms(), content.Duties())
	if err != nil {
		panic(err)
	}
	return record.New(record.Config{
		DB: h.DB, Now: h.now, Assess: h.Assess, Book: book,
		Company: func(ctx context.Context, id string) (string, string, error) {
			o, err := h.Org.ByID(ctx, org.ID(id))
			return o.Name, o.Number(), err
		},
		Alone: func(ctx context.Context, id string) (bool, error) {
			all, err := h.Org.Members(ctx, org.ID(id), "", 2)
			return len(all) < 2, err
		},
		People: h.names, KeepFile: h.keepFile, OpenFile: h.openFile, DropFile: h.dropFile,
	})
}

// records gives the first company ledgers, of which one is old, requests in every
// state, and a training.
func (r *region) records() error {
	if len(r.orgs) == 0 {
		return nil
	}
	defer r.at(0)
	id := string(r.orgs[0])
	owner := record.As(r.ctx, r.owners[0])
	member := owner
	for _, p := range r.people {
		if p.Org == id && p.Role == "member" {
			member = record.As(r.ctx, p.Account)
		}
	}
	return errors.Join(r.demoLedgers(member, id), r.demoRequests(owner, member, id), r.demoDuties(member, id))
}

func (r *region) demoLedgers(ctx context.Context, id string) error {
	r.at(380)
	rows := []struct {
		ledger string
		cells  map[string]string
	}{
		{"network-devices", map[string]string{"name": "境目のルーター", "kind": "router", "maker": "みほん通信（架空）", "model": "RT-100", "keeper": "かくう情報サービス株式会社（架空）", "place": "事務所の棚"}},
		{"devices", map[string]string{"name": "事務所のパソコン", "kind": "pc", "maker": "みほん電機（架空） M-1", "os": "Windows 11 25H2", "count": "6", "place": "事務所", "support": "2031-10-14"}},
		{"devices", map[string]string{"name": "製図のパソコン", "kind": "pc", "maker": "みほん電機（架空） W-2", "os": "Windows 11 25H2", "software": "製図ソフト", "count": "4", "place": "設計室", "person": "現場 たろう（架空）"}},
		{"devices", map[string]string{"name": "ファイルサーバー", "kind": "server", "maker": "みほん電機（架空） S-1", "os": "Linux 6.12", "count": "1", "place": "事務所の棚"}},
		{"admin-ids", map[string]string{"device": "境目のルーター", "admin": "担当 さくら（架空）", "owner": "代表 001（架空）", "id": "admin-rt", "holders": "担当 さくら（架空）", "from": "2025-11-01"}},
		{"information", map[string]string{"name": "取引先の図面", "grade": "secret", "manager": "担当 さくら（架空）", "unit": "設計", "place": "ファイルサーバー", "keep": "取引が終わって5年", "given": "なし", "contact": "代表電話"}},
	}
	for _, x := range rows {
		if _, err := r.Record.AddRow(ctx, id, x.ledger, x.cells); err != nil {
			return err
		}
	}
	err := r.Record.LookThrough(ctx, id, "network-devices", "変わりなし")
	r.at(25)
	return errors.Join(err, r.Record.LookThrough(ctx, id, "devices", "使わなくなった2台を消しました。"))
}

func (r *region) demoRequests(owner, member context.Context, id string) error {
	day := func(days int) string { return r.today.AddDate(0, 0, -days).In(i18n.Tokyo).Format(time.DateOnly) }
	r.at(50)
	first, err := r.Record.Ask(member, id, "user-id", map[string]string{"person": "経理 じろう（架空）", "act": "new", "system": "会計ソフト", "reason": "経理の仕事", "from": day(48)})
	if err != nil {
		return err
	}
	r.at(49)
	err = errors.Join(r.Record.Approve(owner, id, first), r.Record.Carry(member, id, first))
	r.at(12)
	_, paper := r.Record.EnterPaper(owner, id, "change", record.Paper{
		Cells: map[string]string{"target": "境目のルーター", "what": "外からの管理画面を閉じる", "reason": "注意喚起への対応", "effect": "なし", "back": "設定の控えから戻す", "on": day(20), "worker": "かくう情報サービス（架空）"},
		Asker: "担当 さくら（架空）", AskedOn: day(22), Decider: "代表 001（架空）", ApprovedOn: day(21),
	})
	r.at(2)
	_, asked := r.Record.Ask(member, id, "access-right", map[string]string{"person": "現場 たろう（架空）", "act": "new", "target": "図面のフォルダー", "scope": "read", "reason": "新しい仕事のため", "from": day(0)})
	return errors.Join(err, paper, asked)
}

func (r *region) demoDuties(ctx context.Context, id string) error {
	day := func(days int) string { return r.today.AddDate(0, 0, -days).In(i18n.Tokyo).Format(time.DateOnly) }
	r.at(330)
	_, err := r.Record.Did(ctx, id, "training", record.Doing{
		On: day(332), Who: "担当 さくら（架空）", Found: "怪しいメールの見分け方に質問が多く出ました。",
		Cells:     map[string]string{"content": "怪しいメールを開いたときの連絡と最初の対応", "method": "class", "minutes": "45"},
		Attendees: "代表 001（架空）\n現場 たろう（架空）\n経理 じろう（架空）",
	})
	r.at(210)
	_, ids := r.Record.Did(ctx, id, "ids-review", record.Doing{On: day(210), Who: "担当 さくら（架空）", Found: "辞めた人のIDを1つ消しました。", Cells: map[string]string{"removed": "1"}})
	return errors.Join(err, ids)
}
