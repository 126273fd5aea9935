package emergency

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

type stage struct {
	*Room
	handler http.Handler
}

var roles = map[string]web.Role{"taro": web.Member, "mori": web.Viewer}

func onStage(t *testing.T, f func(t *testing.T, st stage)) {
	dbtest.Each(t, []db.Schema{journal.Schema(), Schema()}, func(t *testing.T, d *db.DB) {
		texts, err := i18n.Load(content.Texts())
		if err != nil {
			t.Fatal(err)
		}
		contacts, err := LoadContacts(content.Emergency())
		if err != nil {
			t.Fatal(err)
		}
		now := func() time.Time { return time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC) }
		st := stage{Room: New(Config{DB: d, Now: now, Contacts: contacts})}
		_, st.handler = web.New(web.Config{
			DB: d, Texts: texts, Log: slog.New(slog.DiscardHandler), Now: now,
			Session: func(_ context.Context, token string) (web.Caller, error) {
				return web.Caller{Account: token, Session: "s"}, nil
			},
			Member: func(_ context.Context, account, id string) (web.Role, error) {
				if account == "other" && id == "yoso" {
					return web.Member, nil
				}
				if id != "mihon" {
					return web.Nobody, nil
				}
				return roles[account], nil
			},
			Problem: func(p *problem.Problem, _ string) templ.Component { return ui.Plain(p.Code) },
		}, st.Routes(), nil)
		f(t, st)
	})
}

func (st stage) do(who, method, path string, form url.Values) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(form.Encode()))
	req.RemoteAddr = "127.0.0.1:1"
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if who != "" {
		req.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: who})
	}
	w := httptest.NewRecorder()
	st.handler.ServeHTTP(w, req)
	return w
}

const ownPage = "/orgs/mihon/emergency"

func numbersForm(vendor, phone string) url.Values {
	return url.Values{"name": {"", "", vendor}, "phone": {"", "", phone}, "note": {"", "", "契約 A-1"}}
}

func TestAnybodyReadsWhatToDo(t *testing.T) {
	onStage(t, func(t *testing.T, st stage) {
		page := st.do("", "GET", "/emergency", nil).Body.String()
		at := 0
		for _, want := range []string{"ネットワークから切り離す", "電源は切らない", "何も消さない", "書きとめる", "電話をする", "tel:%239110", "2025年4月15日", "まだ確かめていません"} {
			i := strings.Index(page[at:], want)
			if i < 0 {
				t.Fatalf("the page does not say %q, or in another order", want)
			}
			at += i
		}
	})
}

func TestOwnNumbersAreTheCompanys(t *testing.T) {
	onStage(t, func(t *testing.T, st stage) {
		w := st.do("taro", "POST", ownPage+"/numbers", numbersForm("かくう情報サービス", "０３ー１２３４ー５６７８"))
		if w.Code != http.StatusSeeOther {
			t.Fatalf("save: %d %s", w.Code, w.Body)
		}
		for _, who := range []string{"taro", "mori"} {
			if page := st.do(who, "GET", ownPage, nil).Body.String(); !strings.Contains(page, "かくう情報サービス") || !strings.Contains(page, "tel:0312345678") {
				t.Errorf("%s does not see the number", who)
			}
		}
		if page := st.do("taro", "GET", "/emergency", nil).Body.String(); strings.Contains(page, "かくう情報サービス") {
			t.Error("the public page holds the company's number")
		}
		var v View
		if err := json.Unmarshal(st.do("", "GET", "/api/v1/emergency", nil).Body.Bytes(), &v); err != nil || v.Numbers != nil || len(v.Contacts) < 4 {
			t.Errorf("public JSON: %v %+v", err, v.Numbers)
		}
		st.do("taro", "POST", ownPage+"/numbers", url.Values{"name": {""}})
		if page := st.do("taro", "GET", ownPage, nil).Body.String(); strings.Contains(page, "かくう情報サービス") {
			t.Error("an emptied number is still there")
		}
	})
}

func TestWhoMay(t *testing.T) {
	onStage(t, func(t *testing.T, st stage) {
		if w := st.do("mori", "POST", ownPage+"/numbers", numbersForm("x", "1")); w.Code != http.StatusForbidden {
			t.Errorf("a viewer writes: %d", w.Code)
		}
		for _, path := range []string{ownPage, ownPage + "/numbers"} {
			if w := st.do("other", "GET", path, nil); w.Code != http.StatusNotFound {
				t.Errorf("%s to a stranger: %d", path, w.Code)
			}
		}
		if w := st.do("other", "POST", ownPage+"/numbers", numbersForm("x", "1")); w.Code != http.StatusNotFound {
			t.Errorf("a stranger writes: %d", w.Code)
		}
	})
}

func TestWhatIsTypedWrongStays(t *testing.T) {
	onStage(t, func(t *testing.T, st stage) {
		for _, phone := range []string{"夜は携帯", "+", strings.Repeat("1", 41), "0312\u202e345678"} {
			w := st.do("taro", "POST", ownPage+"/numbers", numbersForm("かくう情報サービス", phone))
			if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "かくう情報サービス") {
				t.Errorf("%q: %d", phone, w.Code)
			}
		}
		if page := st.do("taro", "GET", ownPage, nil).Body.String(); strings.Contains(page, "かくう") {
			t.Error("something was kept")
		}
	})
}

func TestContactsAreChecked(t *testing.T) {
	whole := "contacts:\n  - id: a\n    name: {ja: あ, easy: あ, en: a}\n    when: {ja: い, easy: い, en: b}\n    source: https://example.jp/\n    seen: 2026-11-24\n    verified: true\n"
	for name, c := range map[string]struct {
		yaml string
		ok   bool
	}{
		"whole":         {whole, true},
		"no register":   {strings.Replace(whole, ", en: a", "", 1), false},
		"no day":        {strings.Replace(whole, "2026-11-24", "soon", 1), false},
		"no source":     {strings.Replace(whole, "    source: https://example.jp/\n", "", 1), false},
		"unknown field": {whole + "    fax: 1\n", false},
	} {
		_, err := LoadContacts(fstest.MapFS{"contacts.yaml": {Data: []byte(c.yaml)}})
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
