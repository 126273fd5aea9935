package review

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/web"
)

// Each route answers the least role that may, and the one below it not.
func TestRoles(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		_, path := s.frozen()
		s.confirmed(s.seated(path, "sam", false), "sam")
		for _, c := range []struct {
			method, path string
			below, may   string
			status       int
		}{
			{"GET", s.list(), "ben", "vi", 200},
			{"GET", path, "ben", "vi", 200},
			{"GET", path + "/print", "ben", "vi", 200},
			{"GET", path + "/record.json", "ben", "vi", 200},
			{"GET", path + "/compare", "ben", "vi", 200},
			{"GET", s.list() + "/new", "mem", "man", 200},
			{"POST", s.list(), "mem", "man", 404}, // of an unknown framework
			{"GET", path + "/withdraw", "mem", "man", 200},
			{"GET", path + "/erase", "man", "ann", 200},
			{"GET", path + "/specialists/new", "mem", "man", 200},
			{"POST", path + "/specialists", "mem", "man", 422},
			{"POST", path + "/specialists/nobody/end", "mem", "man", 404},
			{"GET", path + "/oath", "man", "ann", 200},
			{"POST", path + "/oath", "man", "ann", 422},
			{"POST", path + "/oath/withdraw", "man", "ann", 404},
			{"GET", "/orgs/" + string(s.a) + "/proposals", "vi", "mem", 200},
			{"POST", "/orgs/" + string(s.a) + "/proposals/nobody/accept", "vi", "mem", 404},
			{"POST", "/orgs/" + string(s.a) + "/proposals/nobody/refuse", "vi", "mem", 404},
			{"GET", "/orgs/" + string(s.a) + "/qualification-checks", "mem", "man", 200},
			{"POST", "/orgs/" + string(s.a) + "/qualification-checks", "mem", "man", 404}, // no named body
		} {
			ask := func(as string) answer { return s.send(httptest.NewRequest(c.method, c.path, nil), as) }
			ask(c.may).want(c.status)
			if w := ask(c.below); w.Code != 403 && w.Code != 404 {
				t.Errorf("%s %s as %s: %d", c.method, c.path, c.below, w.Code)
			}
			// The specialist of a company is nobody in it.
			if w := ask("sam"); w.Code != 404 {
				t.Errorf("%s %s as the specialist: %d", c.method, c.path, w.Code)
			}
		}
	})
}

// Nobody reaches another company's snapshot, by its own address or under his own.
func TestForeignSnapshotIsNotThere(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		snapshot, path := s.frozen()
		seat := s.seated(path, "sam", true)
		under := "/orgs/" + string(s.b) + "/snapshots/" + snapshot
		for _, p := range []string{path, under} {
			for _, page := range []string{"", "/print", "/record.json", "/compare", "/withdraw", "/erase", "/specialists/new", "/oath"} {
				s.get(p+page, "ben").want(404).lacks("canary", "甲社")
			}
			for _, act := range []string{"/withdraw", "/erase", "/specialists", "/specialists/" + seat + "/end", "/oath", "/oath/withdraw"} {
				s.post(p+act, "ben", "email", "x@example.jp", "read", "on").want(404)
			}
		}
		for _, as := range []string{"ben", "ann", "man", ""} {
			for _, page := range s.seatPages(seat) {
				if w := s.get(page, as); w.Code != 404 && w.Code != 401 && w.Code != 303 {
					t.Errorf("%s as %q: %d", page, as, w.Code)
				}
			}
		}
		s.get("/reviewing", "ben").want(200).lacks("甲社")
	})
}

// seatPages are the addresses under a seat, file last.
func (s *site) seatPages(seat string) []string {
	p := "/reviewing/" + seat
	return []string{p, p + "/confirm", p + "/items/" + s.items[0] + "/evidence/" + s.file}
}

// Whatever is missing for a seat, it does not exist from that moment on.
func TestSeatIsShut(t *testing.T) {
	for name, shut := range map[string]func(s *site, path, seat string){
		"ended by the company": func(s *site, path, seat string) { s.post(path+"/specialists/"+seat+"/end", "man").want(303) },
		"given back":           func(s *site, _, seat string) { s.post("/reviewing/"+seat+"/end", "sam").want(303) },
		"over":                 func(s *site, _, _ string) { s.clock = s.clock.Add(seatFor) },
		"paused":               func(s *site, _, _ string) { s.paused[string(s.a)] = true },
		"snapshot withdrawn":   func(s *site, path, _ string) { s.post(path+"/withdraw", "man").want(303) },
		"giver left":           func(s *site, _, _ string) { s.must(s.orgs.Remove(context.Background(), s.a, web.Owner, "ann")) },
		"giver lowered": func(s *site, _, _ string) {
			s.must(s.orgs.ChangeRole(context.Background(), s.a, web.Owner, "ann", web.Manager)) // files are an owner's
		},
		"giver erased":      func(s *site, _, _ string) { s.must(s.Erase(context.Background(), "ann")) },
		"specialist erased": func(s *site, _, _ string) { s.must(s.Erase(context.Background(), "sam")) },
		"replayed after a restore": func(s *site, _, seat string) {
			s.must(s.Replay(context.Background(), journal.Entry{Org: string(s.a), At: s.clock, Actor: "ann", Verb: "review.seat-ended", Subject: seat}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachSite(t, func(t *testing.T, s *site) {
				_, path := s.frozen()
				seat := s.seated(path, "sam", true)
				for _, page := range s.seatPages(seat) {
					s.get(page, "sam").want(200)
				}
				shut(s, path, seat)
				for _, page := range s.seatPages(seat) {
					s.get(page, "sam").want(404).lacks("canary", "甲社")
				}
				s.get("/reviewing", "sam").want(200).lacks("甲社")
				s.post("/reviewing/"+seat+"/findings", "sam", "verdict."+s.items[0], "confirmed").want(404)
				s.post("/reviewing/"+seat+"/confirm", "sam", "name", "専門", "qualification", "riss", "number", "1", "tie", "none", "looked", "規程").want(404)
			})
		})
	}
}

// A seat without files opens none, and files are an owner's to show.
func TestFilesNeedAnOwner(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		_, path := s.frozen()
		seat := s.seated(path, "sam", false)
		pages := s.seatPages(seat)
		s.get(pages[0], "sam").want(200, "canary-file.pdf").lacks("/evidence/")
		s.get(pages[2], "sam").want(404)
		s.post(path+"/specialists", "man", "email", "x@example.jp", "files", "on").want(403)
		s.post(path+"/specialists", "man!", "email", "x@example.jp").want(403)
		s.post(path+"/specialists", "man", "email", "x@example.jp").want(303)
	})
}

// A key for programs works on no seat, whoever made it.
func TestTokensReachNoSeat(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		_, path := s.frozen()
		seat := s.seated(path, "sam", true)
		for _, page := range []string{"/reviewing", "/reviewing/" + seat} {
			r := httptest.NewRequest(http.MethodGet, "/api/v1"+page, nil)
			r.Header.Set("Authorization", "Bearer sam "+string(s.b))
			if w := s.send(r, ""); w.Code != 404 && w.Code != 403 {
				t.Errorf("%s with a key: %d %.200s", page, w.Code, w.Body)
			}
		}
	})
}

// An invitation works once, for whoever has its code, and not after its end.
func TestInvitation(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		_, path := s.frozen()
		invite := func() (string, string) {
			s.post(path+"/specialists", "ann", "email", "sam@example.jp").want(303)
			seat := s.queued[len(s.queued)-1]
			return seat, "/review-invitations/" + seat
		}
		accept := func(at, seat string) answer {
			return s.post(at, "sam", "code", derive(invitationPurpose, seat), "name", "専門 sam")
		}
		seat, at := invite()
		l, err := s.InvitationMail(context.Background(), seat)
		s.must(err)
		if l.To != "sam@example.jp" || !strings.Contains(l.Path, derive(invitationPurpose, seat)) || l.Org != "甲社" {
			t.Errorf("the letter: %+v", l)
		}
		s.get(at+"?code=wrong", "sam").want(404)
		s.get(l.Path, "").want(200, "甲社", "第1号").lacks("canary")
		s.post(at, "sam", "code", derive(invitationPurpose, seat), "name", "").want(422)
		accept(at, seat).want(303)
		accept(at, seat).want(410)

		seat, at = invite()
		s.post(path+"/specialists/"+seat+"/end", "man").want(303)
		accept(at, seat).want(410)

		seat, at = invite()
		s.clock = s.clock.Add(invitedFor)
		accept(at, seat).want(410)
		s.must(s.Tidy(context.Background()))
		if n := s.value("SELECT CAST(COUNT(*) AS TEXT) FROM review_seat WHERE email <> ''"); n != "0" {
			t.Errorf("%s addresses are kept after the end", n)
		}

		seat, at = invite()
		s.must(s.Void(context.Background()))
		accept(at, seat).want(410)

		seat, at = invite()
		s.must(s.orgs.Remove(context.Background(), s.a, web.Owner, "ann"))
		accept(at, seat).want(410)
	})
}

// Every look is counted and shown to the company; the journal gets one an hour.
func TestLooksAreShown(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		_, path := s.frozen()
		seat := s.seated(path, "sam", true)
		for range 3 {
			s.get("/reviewing/"+seat, "sam").want(200)
		}
		s.get(s.seatPages(seat)[2], "sam").want(200)
		s.get(path, "man").want(200, "見た記録", "裏付けのファイル")
		s.get(path, "vi").want(200).lacks("見た記録")
		if n := s.value("SELECT CAST(looks AS TEXT) FROM review_look WHERE seat_id = ? AND page = ?", seat, pageSnapshot); n != "3" {
			t.Errorf("%s looks, want 3", n)
		}
		noted := func() string {
			return s.value("SELECT CAST(COUNT(*) AS TEXT) FROM journal_entry WHERE verb = 'review.looked' AND org_id = ?", s.a)
		}
		if n := noted(); n != "2" {
			t.Errorf("%s entries, want one for each kind of page", n)
		}
		s.clock = s.clock.Add(journalEvery)
		s.get("/reviewing/"+seat, "sam").want(200)
		if n := noted(); n != "3" {
			t.Errorf("%s entries after an hour", n)
		}
	})
}

// How close a specialist is stands beside what he confirms, whatever he says.
func TestTiesAreShown(t *testing.T) {
	for _, c := range []struct {
		name, account, stated string
		before                func(s *site)
		shows, lacks          string
	}{
		{"nobody", "sam", "none", nil, "社外の人です。", "この会社の人が"},
		{"paid", "sam", "paid", nil, "この会社から報酬を受けて確認した人です。", "この会社の人が"},
		{"one of the company", "vi", "none", nil, "この会社の人が、自分の会社を確認しました。", "社外の人です。"},
		{"who froze it", "man", "none", nil, "この確定版を作った本人が確認しました。", "社外の人です。"},
		{"of its parent", "ben", "none", func(s *site) {
			s.must(s.orgs.AddRelation(context.Background(), s.a, org.Relation{Kind: org.RelationParent, Name: "乙", CorporateNumber: org.Fictional(2)}))
		}, "親会社かグループ会社の人が確認しました。", "この会社の人が"},
		{"of a company that calls it its own", "ben", "none", func(s *site) {
			s.must(s.orgs.AddRelation(context.Background(), s.b, org.Relation{Kind: org.RelationSubsidiary, Name: "甲", CorporateNumber: org.Fictional(1)}))
		}, "親会社かグループ会社の人が確認しました。", "この会社の人が"},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachSite(t, func(t *testing.T, s *site) {
				if c.before != nil {
					c.before(s)
				}
				_, path := s.frozen()
				s.tie = c.stated
				s.confirmed(s.seated(path, c.account, false), c.account)
				s.get(path, "vi").want(200, c.shows).lacks(c.lacks)
				if c.name != "nobody" {
					note := s.value("SELECT note FROM assess_evidence WHERE source = 'review'")
					if !strings.Contains(note, c.shows) {
						t.Errorf("the evidence says %q", note)
					}
				}
			})
		})
	}
}

// What a specialist may not leave out.
func TestConfirmationIsWhole(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		_, path := s.frozen()
		seat := s.seated(path, "sam", false)
		at := "/reviewing/" + seat
		good := map[string]string{"name": "専門", "qualification": "riss", "number": "1", "tie": "none", "looked": "規程", "expires": "2027-03-31"}
		send := func(change map[string]string) answer {
			pairs := []string{}
			for k, v := range good {
				if w, ok := change[k]; ok {
					v = w
				}
				pairs = append(pairs, k, v)
			}
			return s.post(at+"/confirm", "sam", pairs...)
		}
		send(nil).want(409) // nothing was found yet
		s.post(at+"/findings", "sam", "verdict.no-such-item", "confirmed").want(404)
		s.post(at+"/findings", "sam", "verdict."+s.items[0], "certified").want(422)
		s.post(at+"/findings", "sam", "verdict."+s.items[0], "confirmed", "advice."+s.items[1], "台帳を").want(303)
		for field, value := range map[string]string{"name": "", "qualification": "doctor", "number": "", "tie": "friend", "looked": "", "expires": "2026-11-23"} {
			send(map[string]string{field: value}).want(422)
		}
		s.get(at, "sam").want(200, "台帳を") // what was noted stays after the problems
		send(nil).want(303)
		send(nil).want(409)
		s.post(at+"/findings", "sam", "verdict."+s.items[0], "not_confirmed").want(409)
		s.get(at, "sam").want(200, "専門", "台帳を").lacks("ここまでを保存する")
	})
}

// A confirmation that is taken back takes its evidence and the oath with it.
func TestWithdrawnConfirmation(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		_, path := s.frozen()
		s.confirmed(s.seated(path, "sam", false), "sam")
		s.post(path+"/oath", "ann", "read", "on").want(303)
		id := s.value("SELECT id FROM review_record WHERE kind = ?", Confirmation)
		s.post("/reviewing/confirmations/"+id+"/withdraw", "ben").want(404)
		s.get("/reviewing", "sam").want(200, "甲社", "この確認を取り下げる")
		s.paused[string(s.a)] = true // nobody outside is told anything of it, and what is his stays his
		s.get("/reviewing", "sam").want(200, "この確認を取り下げる").lacks("甲社")
		s.paused[string(s.a)] = false
		s.post("/reviewing/confirmations/"+id+"/withdraw", "sam").want(303)
		s.get(path, "vi").want(200, "に取り下げ", "宣誓も終わりました。", "確定しました")
		s.get(path+"/oath", "ann").want(409)
		if n := s.value("SELECT CAST(COUNT(*) AS TEXT) FROM assess_evidence WHERE source = 'review'"); n != "0" {
			t.Errorf("%s pieces of evidence still say that it was confirmed", n)
		}
	})
}

// One oath stands on two confirmations as long as one of them does.
func TestOathStandsOnTheOther(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		_, path := s.frozen()
		s.confirmed(s.seated(path, "sam", false), "sam")
		s.confirmed(s.seated(path, "tom", false), "tom")
		s.post(path+"/oath", "ann", "read", "on").want(303)
		id := s.value("SELECT id FROM review_record WHERE kind = ? AND made_by = 'sam'", Confirmation)
		s.post("/reviewing/confirmations/"+id+"/withdraw", "sam").want(303)
		s.get(path, "vi").want(200, "代表者の自己適合宣誓を記録しています。")
	})
}

// The oath needs the owner, a login of the last minutes and the tick.
func TestOathIsTheOwners(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		snapshot, path := s.frozen()
		s.post(path+"/oath", "ann", "read", "on").want(409) // nobody has confirmed
		s.confirmed(s.seated(path, "own", false), "own")
		s.post(path+"/oath", "man", "read", "on").want(403)
		s.post(path+"/oath", "own!", "read", "on").want(403)
		s.post(path+"/oath", "own", "read", "on").want(303)
		s.get(path, "vi").want(200, "確認した人と宣誓した人が同じです。", "自分の会社を確認しました")
		s.post(path+"/oath/withdraw", "own").want(303)
		s.get(path, "vi").want(200, "次は、代表者の自己適合宣誓です。")

		// On paper it is the signer's, whom the sheet names.
		ctx := context.Background()
		open, err := s.openForOath()
		s.must(err)
		if len(open) != 1 || open[0].ID != snapshot {
			t.Errorf("%d snapshots can be sworn by on paper", len(open))
		}
		id, err := s.SwearOnPaper(ctx, string(s.a), snapshot)
		s.must(err)
		s.papers[id] = org.Paper{By: "担当 さくら", At: s.clock}
		s.get(path, "vi").want(200, "に宣誓しました。", "担当 さくら").lacks("確認した人と宣誓した人が同じです。")
	})
}

func (s *site) openForOath() (open []Record, err error) {
	err = s.d.Read(context.Background(), func(ctx context.Context) error {
		open, err = s.OpenForOath(ctx, string(s.a))
		return err
	})
	return open, err
}

// What was taken away does not come back with an older copy.
func TestReplay(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		_, path := s.frozen()
		s.confirmed(s.seated(path, "sam", false), "sam")
		s.post(path+"/oath", "ann", "read", "on").want(303)
		for _, c := range []struct {
			verb string
			kind Kind
		}{{"review.oath-withdrawn", Oath}, {"review.confirmation-withdrawn", Confirmation}, {"review.snapshot-withdrawn", Snapshot}} {
			id := s.value("SELECT id FROM review_record WHERE kind = ?", c.kind)
			for range 2 {
				s.must(s.Replay(ctx, journal.Entry{Org: string(s.a), At: s.clock, Actor: "ann", Verb: c.verb, Subject: id}))
			}
			if at := s.value("SELECT COALESCE(withdrawn_at, '') FROM review_record WHERE id = ?", id); at == "" {
				t.Errorf("%s was not done again", c.verb)
			}
		}
		if n := s.value("SELECT CAST(COUNT(*) AS TEXT) FROM assess_evidence WHERE source = 'review'"); n != "0" {
			t.Errorf("%s pieces of evidence came back", n)
		}
		s.must(s.Replay(ctx, journal.Entry{Org: string(s.a), At: s.clock, Actor: "ann", Verb: "review.seat-ended", Subject: "unknown"}))
	})
}

// What cannot be frozen says why.
func TestWhatCanBeFrozen(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		s.post(s.list(), "man", "framework", "iso-27001-2022-annex-a").want(409, "まだ答えがありません。")
		s.post(s.list(), "man", "framework", "scs-star4-2026").want(409, "下見の版")
		s.post(s.list(), "man", "framework", "nothing").want(404)
		s.post(s.list(), "man", "framework", pack, "scope", strings.Repeat("長", maxScope+1)).want(422)
		s.get(s.list()+"/new", "man").want(200, "SCS評価制度 ★3")
		answer := func(pack, item, choice string) string {
			_, err := s.assess.Answer(context.Background(), assess.AnswerInput{Org: string(s.a), Pack: pack, Item: item, Choice: choice, Actor: "mem"})
			s.must(err)
			return s.post(s.list(), "man", "framework", pack).want(303).Header().Get("Location")
		}
		pledge := s.assess.Packs.ByID("security-action-articles-5")
		path := answer(pledge.ID, pledge.Items[0].ID, pledge.Choices[0].Code)
		s.get(path, "ann").want(200).lacks("専門家を招く", "自己適合宣誓")
		s.post(path+"/specialists", "ann", "email", "x@example.jp").want(409) // a promise nobody confirms

		path = answer(pack5, "1", assess.Done)
		s.confirmedOne(s.seated(path, "sam", false), "sam", "1")
		s.get(path, "ann").want(200, "専門 sam").lacks("自己適合宣誓")
		s.get(path+"/oath", "ann").want(409)
	})
}

// Evidence that was recorded stays readable under its snapshot after a year, as old.
func TestConfirmationAges(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		_, path := s.frozen()
		s.confirmed(s.seated(path, "sam", false), "sam")
		s.clock = s.clock.Add(evidenceFor + time.Hour)
		stand, err := s.standingNow()
		s.must(err)
		if stand.Items[0].Examined != nil {
			t.Error("a confirmation counts for longer than a year")
		}
	})
}
