package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

var mihon = CaseData{Name: "株式会社みほん製作所（架空）", Kana: "みほんせいさくしょ", MemberNumber: "K-0012", Person: "見本 太郎", Phone: "03-0000-1234", Email: "taro@mihon.example", Address: "〒100-0000 東京都見本区1-2-3"}

func asCode(number, code string) url.Values { return url.Values{"number": {number}, "code": {code}} }

func TestCodeHasSixtyBitsOfItsAlphabet(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		seen := map[byte]bool{}
		shape := regexp.MustCompile(`^[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$`)
		codes := map[string]bool{}
		for range 2000 {
			code := s.code(db.NewID())
			if !shape.MatchString(code) || codes[code] {
				t.Fatalf("code %q", code)
			}
			codes[code] = true
			for i := range len(code) {
				seen[code[i]] = true
			}
		}
		if len(seen) != len(codeLetters)+1 {
			t.Errorf("%d signs occur, want %d and the hyphen", len(seen), len(codeLetters))
		}
	})
}

// The way of a letter: a stranger sees whose it is, opens an account, comes back,
// takes over and lands on the first question.
func TestLetterToFirstQuestion(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		in := s.add(mihon)
		number, code := s.letter(in)
		qr := "/claim?" + asCode(number, code).Encode()
		s.want(s.get(qr, ""), 200, number, code)
		typed := asCode(number[:4]+"-"+number[4:], strings.ToLower(strings.ReplaceAll(code, "-", " ")))
		w := s.want(s.post("/claim/letter", "", typed), 200, mihon.Name, "見本商工会議所", "北グループ", "/account/new?next=%2Fclaim")
		if strings.Contains(w.Body.String(), mihon.Person) {
			t.Error("a stranger sees the contact person")
		}
		s.want(s.get(qr, "taro"), 200)
		s.want(s.post("/claim/letter", "taro", typed), 200, mihon.Name, "人:taro")
		form := asCode(number, code)
		form.Set("share", "true")
		w = s.want(s.post("/claim", "taro", form), 303)
		c := s.stored(in)
		if got := w.Header().Get("Location"); got != "/orgs/"+string(c.Company)+"/frameworks/ipa/start" {
			t.Errorf("leads to %q", got)
		}
		s.must(s.DB.Read(context.Background(), func(ctx context.Context) error {
			role, err := s.Org.Member(ctx, "taro", string(c.Company))
			if role != web.Owner {
				t.Errorf("role %v", role)
			}
			return err
		}))
		if len(s.letters) != 1 || s.letters[0] != string(c.Company)+"/"+string(s.chamber) {
			t.Errorf("binding was told %q", s.letters)
		}
		s.want(s.post("/claim/letter", "", typed), http.StatusGone, "この案内状は、すでに使われています。")
	})
}

// What follows the QR before a person does (a mail scanner, a preview) uses
// nothing up and learns nothing.
func TestGetConsumesNothing(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		in := s.add(mihon)
		number, code := s.letter(in)
		for range 30 {
			w := s.want(s.get("/claim?"+asCode(number, code).Encode(), ""), 200)
			if strings.Contains(w.Body.String(), mihon.Name) {
				t.Fatal("GET tells the company")
			}
			s.get("/claim?"+asCode(number, "2222-2222-2222").Encode(), "")
		}
		s.must(s.DB.Read(context.Background(), func(ctx context.Context) error {
			l, err := lastLetter(ctx, s.stored(in))
			if l.Tries != 0 || l.Phase(s.clock) != LetterOpen {
				t.Errorf("%d tries, %s", l.Tries, l.Phase(s.clock))
			}
			return err
		}))
		s.want(s.post("/claim", "taro", asCode(number, code)), 303)
	})
}

func TestTenWrongTriesLock(t *testing.T) {
	for where, path := range map[string]string{"looking": "/claim/letter", "taking": "/claim"} {
		t.Run(where, func(t *testing.T) {
			onStage(t, func(t *testing.T, s *stage) {
				in := s.add(mihon)
				number, code := s.letter(in)
				_, other := s.letter(s.add(CaseData{Name: "別の会社"}))
				for range maxTries - 1 {
					s.want(s.post(path, "eve", asCode(number, other)), 422)
				}
				s.want(s.post("/claim/letter", "taro", asCode(number, code)), 200) // nine are not ten
				s.want(s.post(path, "eve", asCode(number, other)), 422)
				s.want(s.post("/claim", "taro", asCode(number, code)), http.StatusGone)
				// Whoever has no code learns nothing of the lock.
				s.want(s.post("/claim/letter", "eve", asCode(number, other)), 422)
				s.clock = s.clock.Add(time.Hour)
				again, fresh := s.letter(in)
				s.want(s.post("/claim", "taro", asCode(number, code)), http.StatusGone)
				s.want(s.post("/claim", "taro", asCode(again, fresh)), 303)
			})
		})
	}
}

// Tries at numbers that a stranger makes up lock nobody, and end soon.
func TestStrangerCannotLockOthersOut(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		in := s.add(mihon)
		number, code := s.letter(in)
		refused := false
		for i := range 60 {
			w := s.post("/claim/letter", "", asCode(fmt.Sprintf("%08d", i), "2222-2222-2222"))
			refused = refused || w.Code == http.StatusTooManyRequests
		}
		if !refused {
			t.Error("sixty tries from one network in one second are taken")
		}
		s.clock = s.clock.Add(time.Hour)
		s.want(s.post("/claim", "taro", asCode(number, code)), 303)
	})
}

func TestLetterWorksOnceAtATime(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		number, code := s.letter(s.add(mihon))
		var wg sync.WaitGroup
		codes := make([]int, 12)
		for i := range codes {
			wg.Go(func() { codes[i] = s.post("/claim", fmt.Sprintf("taro%d", i), asCode(number, code)).Code })
		}
		wg.Wait()
		won := 0
		for _, c := range codes {
			switch c {
			case 303:
				won++
			case http.StatusGone:
			default:
				t.Errorf("answers %d", c)
			}
		}
		if won != 1 {
			t.Errorf("%d claimed with one letter", won)
		}
	})
}

func TestLetterEnds(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		in := s.add(mihon)
		number, code := s.letter(in)
		next, newer := s.letter(in)
		s.want(s.post("/claim", "taro", asCode(number, code)), http.StatusGone)
		s.clock = s.clock.Add(LetterFor)
		s.want(s.post("/claim", "taro", asCode(next, newer)), http.StatusGone)
		s.clock = s.clock.Add(-time.Second)
		s.want(s.post("/claim", "taro", asCode(next, newer)), 303)
	})
}

// The code stands in no table, no log and no journal, on either database.
func TestCodeIsKeptNowhere(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		in := s.add(mihon)
		number, code := s.letter(in)
		s.get("/claim?"+asCode(number, code).Encode(), "")
		s.post("/claim/letter", "", asCode(number, code))
		s.want(s.post("/claim", "taro", asCode(number, code)), 303)
		var kept strings.Builder
		kept.WriteString(s.log.String())
		s.must(s.DB.Read(context.Background(), func(ctx context.Context) error {
			rows, err := db.Rows(ctx, func(b *[]byte) []any { return []any{b} }, "SELECT hash FROM desk_letter")
			for _, h := range rows {
				fmt.Fprintf(&kept, "%s %x\n", h, h)
			}
			if err != nil {
				return err
			}
			for _, id := range []org.ID{s.chamber, s.stored(in).Company} {
				err = errors.Join(err, journal.Export(ctx, string(id), func(e journal.Entry) error {
					fmt.Fprintf(&kept, "%s %s %s %s\n", e.Verb, e.Subject, e.Detail, e.Body)
					return nil
				}))
			}
			return err
		}))
		for _, form := range []string{code, plainCode(code), fmt.Sprintf("%x", plainCode(code)), url.QueryEscape(code)} {
			if strings.Contains(kept.String(), form) {
				t.Errorf("the code %q is kept", form)
			}
		}
	})
}

// Staff of one circle never meet a case of another, strangers meet none.
func TestWalls(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		in := s.add(mihon)
		for name, c := range map[string]struct {
			in      CaseIn
			account string
			code    int
		}{
			"staff":                     {in, "clerk", 200},
			"a viewer of the chamber":   {in, "reader", 403},
			"a stranger":                {in, "stranger", 404},
			"nobody":                    {in, "", 303},
			"through another circle":    {CaseIn{s.chamber, s.south, in.Case}, "clerk", 404},
			"through a foreign circle":  {CaseIn{s.chamber, s.far, in.Case}, "clerk", 404},
			"through another desk":      {CaseIn{s.other, s.far, in.Case}, "stranger", 404},
			"through their own and our": {CaseIn{s.other, s.north, in.Case}, "stranger", 404},
		} {
			for _, path := range []string{c.in.path(""), c.in.path("/edit"), c.in.path("/fax.pdf")} {
				if w := s.get(path, c.account); w.Code != c.code || c.code != 200 && strings.Contains(w.Body.String(), "みほん") {
					t.Errorf("%s: GET %s answers %d, want %d", name, path, w.Code, c.code)
				}
			}
			if c.code == 200 {
				continue
			}
			for _, verb := range []string{"/open", "/contacts", "/letter", "/letter/revoke", "/reminder", "/remove", ""} {
				w := s.post(c.in.path(verb), c.account, url.Values{"kind": {"phone"}, "words": {"x"}, "name": {"x"}})
				if w.Code != c.code && (c.account != "" || w.Code != http.StatusUnauthorized) {
					t.Errorf("%s: POST %s answers %d, want %d", name, verb, w.Code, c.code)
				}
			}
		}
		w := s.want(s.get(DeskIn{s.chamber, s.south}.path(""), "clerk"), 200)
		if strings.Contains(w.Body.String(), "みほん") {
			t.Error("a case of the north stands in the list of the south")
		}
		// A member of the circle that does not operate it has no desk.
		s.must(s.Org.AddToCircle(context.Background(), s.north, s.other))
		s.want(s.get(DeskIn{s.other, s.north}.path(""), "stranger"), 404)
		s.want(s.get(DeskIn{s.other, s.north}.path("/letters"), "stranger"), 404)
		s.want(s.get(DeskIn{s.other, s.north}.path("/counts.csv"), "stranger"), 404)
	})
}

func TestUnclaimedCompanyIsTheDesksAlone(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		ctx := context.Background()
		in := s.add(mihon)
		s.want(s.post(in.path("/open"), "clerk", nil), 303)
		c := s.stored(in)
		s.must(s.DB.Read(ctx, func(ctx context.Context) error {
			unclaimed, err := s.Org.Unclaimed(ctx, c.Company)
			held, err2 := s.HeldBack(ctx, string(c.Company))
			if !unclaimed || !held {
				t.Errorf("unclaimed %v, held back %v", unclaimed, held)
			}
			_, err3 := s.entryFor(ctx, in.Org, in.Circle, in.Case)
			return errors.Join(err, err2, err3)
		}))
		for _, account := range []string{"clerk", "chief", "stranger"} {
			s.want(s.get("/orgs/"+string(c.Company)+"/desk", account), 404)
		}
		s.must(s.SignedOnPaper(ctx, string(c.Company)))
		s.must(s.DB.Read(ctx, func(ctx context.Context) error {
			held, err := s.HeldBack(ctx, string(c.Company))
			if held {
				t.Error("held back after the result was signed")
			}
			return err
		}))
		s.progress[string(c.Company)] = assess.Progress{Started: true, Answered: 7, Last: s.clock}
		number, code := s.letter(in)
		s.want(s.post("/claim/letter", "taro", asCode(number, code)), 200, "7件", `value="empty"`)
		form := asCode(number, code)
		form.Set("keep", "empty")
		s.want(s.post("/claim", "taro", form), 303)
		if got := s.stored(in).Company; got != c.Company || len(s.emptied) != 1 {
			t.Errorf("company %s instead of %s, emptied %v", got, c.Company, s.emptied)
		}
		if err := s.Org.TakeOver(ctx, c.Company, "eve"); !problem.Is(err, "already-claimed") {
			t.Errorf("a second owner by claim: %v", err)
		}
	})
}

// Without consent staff see that nothing is shared; with it how far and never
// what; once it is withdrawn nothing, also while paused and after leaving.
func TestConsentIsAllThatStaffSee(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		ctx := context.Background()
		in := s.add(mihon)
		company := s.claimed(in, "taro", nil)
		s.progress[string(company)] = assess.Progress{Started: true, Answered: 7, Last: s.clock.Add(-time.Hour)}
		own := "/orgs/" + string(company) + "/desk"
		sees := func(yes bool) {
			t.Helper()
			for _, path := range []string{in.path(""), s.desk().path("")} {
				got := strings.Contains(s.want(s.get(path, "clerk"), 200).Body.String(), "25問のうち7問")
				api := strings.Contains(s.want(s.get("/api/v1"+path, "clerk"), 200).Body.String(), `"answered":7`)
				if got != yes || api != yes {
					t.Errorf("%s: staff see progress: page %v, json %v, want %v", path, got, api, yes)
				}
			}
		}
		sees(false)
		s.want(s.post(own+"/"+s.north+"/consent", "clerk", nil), 404)
		s.want(s.post(own+"/"+s.north+"/consent", "taro", nil), 303)
		sees(true)
		s.want(s.get(own, "taro"), 200, "人:clerk", "見本商工会議所")
		s.must(s.Org.Pause(ctx, company, org.PausedByRestore))
		sees(false)
		s.must(s.Org.Lift(ctx, company, org.PausedByRestore))
		sees(true)
		s.want(s.post(own+"/"+s.north+"/revoke", "taro", nil), 303)
		sees(false)
		s.want(s.post(own+"/"+s.north+"/consent", "taro", url.Values{"behalf": {"true"}}), 303)
		sees(true)
		s.must(s.Org.LeaveCircle(ctx, company, s.north))
		sees(false)
		s.clock = s.clock.Add(time.Minute)
		s.must(s.Org.AddToCircle(ctx, s.north, company)) // who comes back says so anew
		sees(false)
		s.want(s.get(own, "taro"), 200, "何も見えません")
		s.want(s.post(own+"/"+s.north+"/consent", "taro", nil), 303)
		sees(true)
	})
}

// Entry after the claim needs a consent of its own, which can be withdrawn alone.
func TestEntryAfterTheClaimNeedsConsent(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		in := s.add(mihon)
		may := func(want bool) {
			t.Helper()
			err := s.DB.Read(context.Background(), func(ctx context.Context) error {
				_, err := s.entryFor(ctx, in.Org, in.Circle, in.Case)
				return err
			})
			if (err == nil) != want {
				t.Errorf("entry: %v, want %v", err, want)
			}
		}
		may(false)
		company := s.claimed(in, "taro", url.Values{"share": {"true"}, "behalf": {"true"}})
		may(true)
		own := "/orgs/" + string(company) + "/desk/" + s.north
		s.want(s.post(own+"/revoke", "taro", url.Values{"behalf_only": {"true"}}), 303)
		may(false)
		s.want(s.get(in.path(""), "clerk"), 200, "25問のうち0問")
	})
}

// What was withdrawn after a copy was made is withdrawn again when the copy comes
// back: each entry that revokes is done again on a state that does not know it.
func TestReplay(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		ctx := context.Background()
		in := s.add(mihon)
		company := s.claimed(in, "taro", url.Values{"share": {"true"}, "behalf": {"true"}})
		second := s.add(CaseData{Name: "二つ目の会社"})
		number, code := s.letter(second)
		locked := s.add(CaseData{Name: "三つ目の会社"})
		shut, _ := s.letter(locked)
		before := s.clock
		s.clock = s.clock.Add(time.Minute)
		s.must(s.Revoke(ctx, company, s.north, false))
		s.must(s.RevokeLetter(ctx, second))
		for range maxTries {
			s.post("/claim/letter", "eve", asCode(shut, code))
		}
		revoking := []string{letterRevoked, letterLocked, consentRevoked}
		var entries []journal.Entry
		s.must(s.DB.Read(ctx, func(ctx context.Context) error {
			for _, id := range []org.ID{s.chamber, company} {
				if err := journal.Export(ctx, string(id), func(e journal.Entry) error {
					if slices.Contains(revoking, e.Verb) && e.At.After(before) {
						e.Org = string(id)
						entries = append(entries, e)
					}
					return nil
				}); err != nil {
					return err
				}
			}
			return nil
		}))
		if len(entries) != 3 {
			t.Fatalf("%d entries revoke, want 3: %+v", len(entries), entries)
		}
		s.must(s.DB.Write(ctx, func(ctx context.Context) error {
			_, err := db.Exec(ctx, "UPDATE desk_consent SET progress_at = ?, behalf_at = ?, revoked_at = NULL", before, before)
			_, err2 := db.Exec(ctx, "UPDATE desk_letter SET tries = 0, revoked_at = NULL WHERE used_at IS NULL")
			return errors.Join(err, err2)
		}))
		for range 2 {
			for _, e := range entries {
				s.must(s.Replay(ctx, e))
			}
		}
		s.want(s.post("/claim", "taro", asCode(number, code)), http.StatusGone)
		w := s.want(s.get(in.path(""), "clerk"), 200)
		if strings.Contains(w.Body.String(), "25問のうち") {
			t.Error("a withdrawn consent came back")
		}
		s.must(s.DB.Read(ctx, func(ctx context.Context) error {
			l, err := lastLetter(ctx, s.stored(locked))
			if l.Phase(s.clock) != LetterLocked {
				t.Errorf("the locked letter is %s", l.Phase(s.clock))
			}
			return err
		}))
	})
}

func TestCaseload(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		share := url.Values{"share": {"true"}}
		add := func(name string) CaseIn { return s.add(CaseData{Name: name, Kana: name}) }
		add("あ まだ")
		letter := add("い てがみ")
		s.letter(letter)
		stuck := add("う とまる")
		s.progress[string(s.claimed(stuck, "a", share))] = assess.Progress{Started: true, Answered: 3, Last: s.clock.Add(-StuckAfter - time.Hour)}
		done := add("え おわり")
		s.progress[string(s.claimed(done, "b", share))] = assess.Progress{Started: true, Answered: 25, Last: s.clock}
		asked := add("お たのむ")
		company := s.claimed(asked, "c", share)
		s.want(s.post("/orgs/"+string(company)+"/desk/"+s.north+"/ask", "c", nil), 303)
		call := add("か よてい")
		s.want(s.post(call.path("/contacts"), "clerk", url.Values{"kind": {"phone"}, "words": {"留守でした"}, "next_date": {"2026-11-24"}, "next_note": {"もう一度電話"}}), 303)
		for show, want := range map[Show]string{
			ShowAll: "あいうえおか", ShowCall: "おか", ShowAsked: "お", ShowUnstarted: "あいおか", ShowStuck: "う", ShowDone: "え",
		} {
			var got strings.Builder
			s.must(s.DB.Read(context.Background(), func(ctx context.Context) error {
				v, err := s.showList(ctx, ListIn{DeskIn: s.desk(), Show: show})
				for _, l := range v.Lines {
					r := []rune(l.Name)
					got.WriteRune(r[0])
				}
				return err
			}))
			if got.String() != want {
				t.Errorf("%q shows %s, want %s", show, got.String(), want)
			}
		}
		s.want(s.get(s.desk().path("?q=%EF%BC%B4"), "clerk"), 200, "あてはまる会社はありません")
		s.want(s.get(call.path(""), "clerk"), 200, "留守でした", "もう一度電話", "人:clerk")
		s.want(s.post(asked.path("/contacts"), "clerk", url.Values{"kind": {"visit"}, "words": {"訪ねました"}}), 303)
		if !s.stored(asked).Asked.IsZero() {
			t.Error("who was visited still asks to be called")
		}
	})
}

// The list of a large circle costs as many statements as that of a small one.
func TestListAsksNothingPerRow(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		count := func() int {
			var n int
			s.must(s.DB.Read(context.Background(), func(ctx context.Context) error {
				ctx, counter := db.Counted(ctx)
				_, err := s.showList(ctx, ListIn{DeskIn: s.desk()})
				n = counter.N()
				return err
			}))
			return n
		}
		share := url.Values{"share": {"true"}}
		s.claimed(s.add(CaseData{Name: "一つ目"}), "a", share)
		few := count()
		for i := range 60 {
			c := s.add(CaseData{Name: fmt.Sprintf("会社%d", i)})
			if i%2 == 0 {
				s.clock = s.clock.Add(time.Minute)
				s.claimed(c, fmt.Sprint("owner", i), share)
			}
		}
		if many := count(); many != few {
			t.Errorf("%d statements for 61 cases, %d for one", many, few)
		}
		v := s.want(s.get("/api/v1"+s.desk().path(""), "clerk"), 200).Body.String()
		if n := strings.Count(v, `"member_number"`); n != pageSize {
			t.Errorf("a page holds %d cases", n)
		}
	})
}

func TestReminders(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		ctx := context.Background()
		in := s.add(mihon)
		remind := func() int {
			t.Helper()
			s.mails = nil
			s.want(s.post(s.desk().path("/reminders"), "clerk", nil), 303)
			return len(s.mails)
		}
		if remind() != 0 {
			t.Error("a company that nobody claimed gets a mail")
		}
		company := s.claimed(in, "taro", url.Values{"share": {"true"}})
		if remind() != 1 || remind() != 0 {
			t.Error("not exactly one mail in fourteen days")
		}
		r, err := s.ReminderMail(ctx, in.Case)
		s.must(err)
		if r.To != mihon.Email || !strings.HasPrefix(r.Stop, "/reminders/") {
			t.Errorf("mail %+v", r)
		}
		s.clock = s.clock.Add(RemindEvery)
		if remind() != 1 {
			t.Error("no mail after fourteen days")
		}
		s.must(s.Revoke(ctx, company, s.north, false))
		if r, err := s.ReminderMail(ctx, in.Case); err != nil || r.To != "" {
			t.Errorf("a mail queued before the consent was withdrawn is sent: %+v %v", r, err)
		}
		s.want(s.get("/reminders/"+in.Case+"?code=wrong", ""), 404)
		s.want(s.get(r.Stop, ""), 200, mihon.Name)
		code := r.Stop[strings.Index(r.Stop, "code=")+5:]
		s.want(s.post("/reminders/"+in.Case, "", url.Values{"code": {"wrong"}}), 404)
		s.want(s.post("/reminders/"+in.Case, "", url.Values{"code": {code}}), 200)
		s.must(s.Consent(ctx, company, s.north, false))
		s.clock = s.clock.Add(RemindEvery)
		if remind() != 0 {
			t.Error("a company that stopped them gets a mail")
		}
	})
}

// 300 letters are one document with a page each; what is more goes into parts.
func TestLettersOnPaper(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		var rows []CaseData
		for i := range 210 {
			d := mihon
			d.MemberNumber, d.Name = fmt.Sprintf("K-%04d", i), fmt.Sprintf("株式会社みほん%d（架空）", i)
			rows = append(rows, d)
		}
		_, err := s.AddCases(context.Background(), s.chamber, s.north, rows)
		s.must(err)
		s.want(s.post(s.desk().path("/sender"), "clerk", url.Values{"section": {"経営支援課　山田"}, "phone": {"03-0000-0000"}}), 303)
		s.want(s.get(s.desk().path("/letters"), "clerk"), 200, "210社分")
		s.want(s.post(s.desk().path("/letters"), "clerk", nil), 303)
		s.want(s.get(s.desk().path("/letters"), "clerk"), 200, "案内状（2／2）")
		s.want(s.get(s.desk().path("/letters.pdf?part=3"), "clerk"), 404)
		for part, pages := range map[int]int{1: 200, 2: 10} {
			w := s.want(s.get(fmt.Sprintf("%s?part=%d", s.desk().path("/letters.pdf"), part), "clerk"), 200)
			if n := bytes.Count(w.Body.Bytes(), []byte("/Type /Page\n")); n != pages {
				t.Errorf("part %d has %d pages, want %d", part, n, pages)
			}
			t.Logf("part %d: %d bytes", part, w.Body.Len())
		}
		s.want(s.post(s.desk().path("/letters"), "clerk", nil), 303)
		s.must(s.DB.Read(context.Background(), func(ctx context.Context) error {
			n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM desk_letter")
			if n != 210 {
				t.Errorf("%d letters after asking twice", n)
			}
			return err
		}))
	})
}

func TestCounts(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		in := s.add(mihon)
		s.claimed(in, "taro", url.Values{"share": {"true"}})
		s.want(s.post(in.path("/contacts"), "clerk", url.Values{"kind": {"phone"}, "words": {"話しました"}}), 303)
		w := s.want(s.get(s.desk().path("/counts.csv"), "clerk"), 200, "2026-11,1,1,1,0,0,0,0")
		if strings.Contains(w.Body.String(), "みほん") {
			t.Error("the counts name a company")
		}
		if released(2, 4) != "" || released(3, 7) != "5" {
			t.Error("counts over few companies are told")
		}
	})
}

func TestMemberNumberIsUniqueInItsCircle(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		ctx := context.Background()
		s.add(mihon)
		if _, err := s.AddCase(ctx, s.chamber, s.north, mihon); problem.As(err).FieldCode("member_number") != "desk-number-taken" {
			t.Errorf("twice in a circle: %v", err)
		}
		if _, err := s.AddCase(ctx, s.chamber, s.south, mihon); err != nil {
			t.Errorf("in another circle: %v", err)
		}
		if _, err := s.AddCase(ctx, s.other, s.north, mihon); !problem.Is(err, "not-found") {
			t.Errorf("into a foreign circle: %v", err)
		}
	})
}

// Who is taken off the list leaves nothing of himself, also after a restore.
func TestRemovedCaseLeavesNothing(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		in := s.add(mihon)
		number, code := s.letter(in)
		s.want(s.post(in.path("/contacts"), "clerk", url.Values{"kind": {"phone"}, "words": {"留守でした"}}), 303)
		s.want(s.post(in.path("/remove"), "clerk", nil), 303)
		s.want(s.get(in.path(""), "clerk"), 404)
		s.want(s.post("/claim", "taro", asCode(number, code)), 422)
		for _, table := range []string{"desk_case", "desk_letter", "desk_contact"} {
			s.must(s.DB.Read(context.Background(), func(ctx context.Context) error {
				n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM "+table)
				if n != 0 {
					t.Errorf("%s keeps %d rows", table, n)
				}
				return err
			}))
		}
		s.must(s.Replay(context.Background(), journal.Entry{Org: string(s.chamber), Verb: caseRemoved, Subject: in.Case}))
		opened := s.add(mihon)
		s.want(s.post(opened.path("/open"), "clerk", nil), 303)
		s.want(s.post(opened.path("/remove"), "clerk", nil), 409)
	})
}

// A closed company leaves the desk's own line, which leads nowhere; a closed desk
// leaves nothing.
func TestClosedLeavesNothing(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		ctx := context.Background()
		in := s.add(mihon)
		company := s.claimed(in, "taro", url.Values{"share": {"true"}})
		s.want(s.get(in.path(""), "clerk"), 200, "25問のうち")
		s.must(s.Close(ctx, string(company)))
		if c := s.stored(in); c.Company != "" || c.Name != mihon.Name {
			t.Errorf("the case of a closed company: %+v", c)
		}
		w := s.want(s.get(in.path(""), "clerk"), 200)
		if strings.Contains(w.Body.String(), "25問のうち") {
			t.Error("a closed company is still seen")
		}
		s.letter(s.add(CaseData{Name: "二つ目の会社"}))
		s.must(s.Close(ctx, string(s.chamber)))
		for _, table := range []string{"desk_case", "desk_letter", "desk_contact", "desk_consent", "desk_look"} {
			s.must(s.DB.Read(ctx, func(ctx context.Context) error {
				n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM "+table)
				if n != 0 {
					t.Errorf("%s keeps %d rows", table, n)
				}
				return err
			}))
		}
	})
}

// Every key that is put together exists in all registers.
func TestComputedKeysExist(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		l := s.Texts.In(i18n.JA)
		var keys []string
		for _, x := range []Stage{StageNoLetter, StageLetter, StageBehalf, StageUnshared, StageUnstarted, StageUnderway, StageStuck, StageDone} {
			keys = append(keys, "desk.stage."+string(x), "desk.stage."+string(x)+".what")
		}
		for _, x := range []LetterPhase{LetterOpen, LetterUsed, LetterRevoked, LetterLocked, LetterExpired} {
			keys = append(keys, "desk.letter.phase."+string(x))
			if x != LetterOpen {
				keys = append(keys, "problem.desk-letter-"+string(x)+".title", "problem.desk-letter-"+string(x)+".hint")
			}
		}
		for _, x := range contactKinds {
			keys = append(keys, "desk.contact.kind."+string(x))
		}
		for _, key := range keys {
			if !l.Has(key) {
				t.Errorf("no text %s", key)
			}
		}
	})
}

// TestSample writes a letter to look at, when asked to.
func TestSample(t *testing.T) {
	folder := os.Getenv("MINAMORI_TEST_SAMPLES")
	if folder == "" {
		t.Skip("MINAMORI_TEST_SAMPLES names no folder")
	}
	onStage(t, func(t *testing.T, s *stage) {
		in := s.add(mihon)
		s.letter(in)
		s.want(s.post(s.desk().path("/sender"), "clerk", url.Values{"section": {"経営支援課　山田"}, "phone": {"03-0000-0000"}}), 303)
		for _, name := range []string{"letter", "fax"} {
			b, err := io.ReadAll(s.want(s.get(in.path("/"+name+".pdf"), "clerk"), 200).Body)
			s.must(err)
			s.must(os.WriteFile(folder+"/desk-"+name+".pdf", b, 0o600))
		}
	})
}
