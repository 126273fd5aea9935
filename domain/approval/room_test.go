package approval

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// stage is the room behind a server. A cookie's value is the account it logs in;
// an account is a member of mihon under its own role, or of other.
type stage struct {
	*Room
	t       *testing.T
	now     time.Time
	handler http.Handler
	files   map[string]string
	told    []string
	refuse  error // what the act answers
}

var roles = map[string]web.Role{"owner": web.Owner, "taro": web.Manager, "jiro": web.Manager, "hana": web.Member}

func onStage(t *testing.T, f func(t *testing.T, st *stage)) {
	dbtest.Each(t, []db.Schema{journal.Schema(), Schema()}, func(t *testing.T, d *db.DB) { f(t, newStage(t, d)) })
}

func newStage(t *testing.T, d *db.DB) *stage {
	texts, err := i18n.Load(content.Texts())
	if err != nil {
		t.Fatal(err)
	}
	st := &stage{t: t, now: time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC), files: map[string]string{}}
	st.Room = New(Config{
		DB: d, Now: func() time.Time { return st.now }, Texts: texts, Acts: []Act{st.ownerAct()},
		Organisation: func(_ context.Context, id string) (org.Organisation, error) {
			return org.Organisation{ID: org.ID(id), Profile: org.Profile{Name: "株式会社みほん（架空）", CorporateNumber: "4999900001234"}}, nil
		},
		People: func(_ context.Context, ids []string) (map[string]string, error) {
			names := map[string]string{}
			for _, id := range ids {
				names[id] = "人:" + id
			}
			return names, nil
		},
		Uploaded: func(_ context.Context, id, sheet string) error {
			st.told = append(st.told, id+"/"+sheet)
			return nil
		},
		KeepFile: func(_ context.Context, id string, u web.Upload) (string, error) {
			r, err := u.Open()
			if err != nil {
				return "", err
			}
			defer r.Close()
			b, err := io.ReadAll(r)
			blob := id + "/" + db.NewID()
			st.files[blob] = string(b)
			return blob, err
		},
		OpenFile: func(_ context.Context, id, blob string) (web.File, error) {
			return web.File{Name: "signed.pdf", Type: "application/pdf", Write: func(w io.Writer) error {
				_, err := io.WriteString(w, st.files[blob])
				return err
			}}, nil
		},
		DropFile: func(_ context.Context, _, blob string) error {
			delete(st.files, blob)
			return nil
		},
	})
	_, st.handler = web.New(web.Config{
		DB: d, Texts: texts, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return st.now },
		Session: func(_ context.Context, token string) (web.Caller, error) {
			return web.Caller{Account: token, Session: "s", SteppedUp: st.now}, nil
		},
		Member: func(_ context.Context, account, id string) (web.Role, error) {
			if id != "mihon" && account != "other" || id == "mihon" && account == "other" {
				return web.Nobody, nil
			}
			if account == "other" {
				return web.Owner, nil
			}
			return roles[account], nil
		},
		Problem: func(p *problem.Problem, _ string) templ.Component { return ui.Plain(p.Code) },
	}, st.Routes(), nil)
	return st
}

// ownerAct makes somebody an owner, as far as this test looks: it notes it.
func (st *stage) ownerAct() Act {
	return Act{
		Code: "org.owner", Fields: []Field{{Name: "account", Kind: ui.FieldText}},
		Sentences: func(_ context.Context, _ string, in []string) ([]string, error) {
			var v problem.Invalid
			v.Check(in[0] != "", "account", "name-empty")
			return []string{in[0] + "さんに経営者の役割を渡します。"}, v.Or()
		},
		Do: func(ctx context.Context, id string, in []string) (string, error) {
			if st.refuse != nil {
				return "", st.refuse
			}
			return "made-" + in[0], journal.Note(ctx, journal.Entry{Org: id, At: st.now, Actor: "system", Verb: "test.owner", Subject: in[0]}, nil)
		},
		Gains: func(_ context.Context, account string, in []string) (bool, error) { return account == in[0], nil },
	}
}

func (st *stage) do(who, method, path, kind, body string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
	req.RemoteAddr = "127.0.0.1:1"
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	req.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: who})
	w := httptest.NewRecorder()
	st.handler.ServeHTTP(w, req)
	return w
}

func (st *stage) get(who, path string) *httptest.ResponseRecorder {
	return st.do(who, "GET", path, "", "")
}

const form = "application/x-www-form-urlencoded"

// prepare makes a sheet for taro's becoming an owner and returns its path.
func (st *stage) prepare(account string) string {
	st.t.Helper()
	w := st.do("taro", "POST", "/orgs/mihon/papers", form, "act=org.owner&input="+account)
	if w.Code != http.StatusSeeOther {
		st.t.Fatalf("prepare: %d %s", w.Code, w.Body)
	}
	return w.Header().Get("Location")
}

func (st *stage) upload(who, sheet, signer, day, file string) *httptest.ResponseRecorder {
	var b bytes.Buffer
	f := multipart.NewWriter(&b)
	_ = f.WriteField("signer", signer)
	_ = f.WriteField("signed_on", day)
	if file != "" {
		part, _ := f.CreateFormFile("file", "signed.pdf")
		_, _ = part.Write([]byte(file))
	}
	_ = f.Close()
	return st.do(who, "POST", sheet+"/signed", f.FormDataContentType(), b.String())
}

func (st *stage) verbs() (all []string) {
	err := st.DB.Read(context.Background(), func(ctx context.Context) error {
		entries, err := journal.Before(ctx, "mihon", 0, 100)
		for _, e := range entries {
			all = append(all, e.Verb)
		}
		return err
	})
	if err != nil {
		st.t.Fatal(err)
	}
	return all
}

func TestSignedSheetDoesItsAct(t *testing.T) {
	onStage(t, func(t *testing.T, st *stage) {
		sheet := st.prepare("jiro")
		if page := st.get("taro", sheet).Body.String(); !strings.Contains(page, "jiroさんに経営者の役割を渡します。") {
			t.Error("the page does not show what is signed")
		}
		if w := st.get("taro", sheet+"/sheet.pdf"); w.Code != http.StatusOK || !strings.HasPrefix(w.Body.String(), "%PDF") {
			t.Errorf("sheet: %d", w.Code)
		}
		if got := st.verbs(); len(got) != 1 || got[0] != "approval.prepared" {
			t.Errorf("before the signature: %v", got)
		}
		if w := st.upload("taro", sheet, "みほん 太一", "2026-11-24", "%PDF-signed"); w.Code != http.StatusSeeOther {
			t.Fatalf("upload: %d %s", w.Code, w.Body)
		}
		if got := strings.Join(st.verbs(), " "); got != "approval.signed test.owner approval.prepared" {
			t.Errorf("after: %s", got)
		}
		page := st.get("owner", sheet).Body.String()
		if !strings.Contains(page, "紙で承認（人:taroさんが2026年11月24日") || !strings.Contains(page, "みほん 太一") {
			t.Errorf("the page does not say who uploaded what: %s", page)
		}
		if w := st.get("owner", sheet+"/signed"); w.Body.String() != "%PDF-signed" {
			t.Errorf("the signed sheet: %d", w.Code)
		}
		if len(st.told) != 1 {
			t.Errorf("owners were told %d times", len(st.told))
		}
		if w := st.upload("taro", sheet, "みほん 太一", "2026-11-24", "again"); w.Code != http.StatusConflict {
			t.Errorf("a second time: %d", w.Code)
		}
		if len(st.files) != 1 {
			t.Errorf("%d files are kept", len(st.files))
		}
	})
}

func TestOnPaperNamesTheUploader(t *testing.T) {
	onStage(t, func(t *testing.T, st *stage) {
		sheet := st.prepare("jiro")
		st.upload("taro", sheet, "みほん 太一", "2026-11-24", "%PDF")
		papers := func(id string) (got map[string]org.Paper) {
			if err := st.DB.Read(context.Background(), func(ctx context.Context) (err error) {
				got, err = st.OnPaper(ctx, id, []string{"made-jiro", "else"})
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return got
		}
		if p := papers("mihon")["made-jiro"]; p.By != "人:taro" || !p.At.Equal(st.now) {
			t.Errorf("got %+v", p)
		}
		if p := papers("other"); len(p) != 0 {
			t.Errorf("another company sees %v", p)
		}
		if w := st.do("owner", "POST", sheet+"/deny", form, ""); w.Code != http.StatusSeeOther {
			t.Fatalf("deny: %d", w.Code)
		}
		if p := papers("mihon"); len(p) != 0 {
			t.Errorf("a denied sheet still approves: %v", p)
		}
	})
}

func TestNobodyUploadsHisOwnGain(t *testing.T) {
	onStage(t, func(t *testing.T, st *stage) {
		sheet := st.prepare("taro")
		if w := st.upload("taro", sheet, "みほん 太一", "2026-11-24", "%PDF"); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "ほかの人に登録してもらって") {
			t.Errorf("own gain: %d %s", w.Code, w.Body)
		}
		if w := st.upload("jiro", sheet, "みほん 太一", "2026-11-24", "%PDF"); w.Code != http.StatusSeeOther {
			t.Errorf("somebody else: %d", w.Code)
		}
	})
}

func TestWhatIsWrongIsSaidAndNothingHappens(t *testing.T) {
	onStage(t, func(t *testing.T, st *stage) {
		sheet := st.prepare("jiro")
		for name, c := range map[string]struct{ signer, day, file, want string }{
			"no file":       {"みほん 太一", "2026-11-24", "", "写真またはPDFを選んで"},
			"no signer":     {"", "2026-11-24", "%PDF", "aria-invalid"},
			"no day":        {"みほん 太一", "きのう", "%PDF", "日付を入れて"},
			"day to come":   {"みほん 太一", "2026-11-26", "%PDF", "今日より後"},
			"day long past": {"みほん 太一", "2026-11-01", "%PDF", "作った日より前"},
		} {
			w := st.upload("taro", sheet, c.signer, c.day, c.file)
			if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), c.want) {
				t.Errorf("%s: %d %s", name, w.Code, w.Body)
			}
		}
		st.refuse = problem.New(http.StatusConflict, "last-owner")
		if w := st.upload("taro", sheet, "みほん 太一", "2026-11-24", "%PDF"); w.Code != http.StatusConflict {
			t.Errorf("an act that refuses: %d", w.Code)
		}
		if got := st.verbs(); len(got) != 1 || len(st.files) != 0 || len(st.told) != 0 {
			t.Errorf("something happened: %v, %d files", got, len(st.files))
		}
	})
}

func TestSheetsEnd(t *testing.T) {
	onStage(t, func(t *testing.T, st *stage) {
		old, gone := st.prepare("jiro"), st.prepare("jiro")
		if w := st.do("taro", "POST", gone+"/withdraw", form, ""); w.Code != http.StatusSeeOther {
			t.Fatalf("withdraw: %d", w.Code)
		}
		if w := st.upload("taro", gone, "みほん 太一", "2026-11-24", "%PDF"); w.Code != http.StatusConflict {
			t.Errorf("a withdrawn sheet: %d", w.Code)
		}
		st.now = st.now.Add(SheetFor)
		if w := st.upload("taro", old, "みほん 太一", "2026-12-24", "%PDF"); w.Code != http.StatusConflict {
			t.Errorf("after 30 days: %d", w.Code)
		}
		if w := st.get("taro", old+"/sheet.pdf"); w.Code != http.StatusConflict {
			t.Errorf("an old sheet can still be printed: %d", w.Code)
		}
	})
}

// A withdrawal stands again after an older copy of the database came back.
func TestReplay(t *testing.T) {
	onStage(t, func(t *testing.T, st *stage) {
		sheet := st.prepare("jiro")
		id := sheet[strings.LastIndex(sheet, "/")+1:]
		e := journal.Entry{Org: "mihon", At: st.now, Actor: "taro", Verb: "approval.withdrawn", Subject: id}
		for range 2 {
			if err := st.Replay(context.Background(), e); err != nil {
				t.Fatal(err)
			}
		}
		if w := st.upload("taro", sheet, "みほん 太一", "2026-11-24", "%PDF"); w.Code != http.StatusConflict {
			t.Errorf("it can be signed again: %d", w.Code)
		}
	})
}

func TestWhoMay(t *testing.T) {
	onStage(t, func(t *testing.T, st *stage) {
		sheet := st.prepare("jiro")
		foreign := strings.Replace(sheet, "/orgs/mihon/", "/orgs/yoso/", 1)
		for _, r := range st.Routes() {
			path := strings.NewReplacer("/orgs/{org}/papers/{sheet}", sheet, "{org}", "mihon").Replace(r.Path)
			if w := st.do("hana", r.Method, path, form, ""); w.Code != http.StatusForbidden {
				t.Errorf("%s %s as member: %d", r.Method, r.Path, w.Code)
			}
			if w := st.do("other", r.Method, path, form, ""); w.Code != http.StatusNotFound {
				t.Errorf("%s %s as stranger: %d", r.Method, r.Path, w.Code)
			}
			if strings.Contains(r.Path, "{sheet}") {
				path = strings.Replace(r.Path, "/orgs/{org}/papers/{sheet}", foreign, 1)
				if w := st.do("other", r.Method, path, form, ""); w.Code != http.StatusNotFound {
					t.Errorf("%s %s from another company: %d", r.Method, r.Path, w.Code)
				}
			}
		}
		if w := st.upload("other", foreign, "みほん 太一", "2026-11-24", "%PDF"); w.Code != http.StatusNotFound {
			t.Errorf("a foreign sheet was taken: %d", w.Code)
		}
		if w := st.do("taro", "POST", sheet+"/deny", form, ""); w.Code != http.StatusForbidden {
			t.Errorf("a manager denies: %d", w.Code)
		}
	})
}

func TestListShowsPages(t *testing.T) {
	onStage(t, func(t *testing.T, st *stage) {
		for range 3 {
			st.prepare("jiro")
			st.now = st.now.Add(time.Minute)
		}
		var v ListView
		w := st.get("taro", "/api/v1/orgs/mihon/papers")
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || len(v.Sheets) != 3 || v.Sheets[0].Phase != Waiting {
			t.Errorf("%v %s", err, w.Body)
		}
		if w := st.get("taro", "/orgs/mihon/papers"); !strings.Contains(w.Body.String(), "署名を待っています") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}
