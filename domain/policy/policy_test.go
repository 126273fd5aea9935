package policy_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/domain/policy"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
)

const scs = "scs-star3-2026"

func TestFromAnswersToAPublishedPolicy(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.say("self-diagnosis-25", "20", "done")
		s.say("self-diagnosis-25", "24", "not_done")
		s.get("/orgs/"+s.id+"/policies", "a-viewer").want(200, "まだ作っていません", "情報セキュリティ基本方針").wantNot("下書きを作る")
		path := s.begin("basic-policy")
		s.get(path, "a-owner").want(200, "第1版の下書きです", "教育を続けて行っています", "連絡と対応の手順を決めます", "「代表者の氏名」がまだ書かれていません").
			wantNot("手順を決めています", "読んで承認する")
		s.post(path+"/approve", "a-owner", "revision", "1").want(409, "代表者の氏名")
		s.post(path+"/settings", "a-member", "values.representative", "見本 花子", "values.representative.en", "Hanako Mihon").want(303)
		s.get(path+"/approve", "a-owner").want(200, "代表者　見本 花子", "2027年11月24日")
		s.post(path+"/approve", "a-owner", "revision", "1").want(409) // it was changed since
		s.post(path+"/approve", "a-owner", "revision", "2").want(303)
		s.get(path, "a-viewer").want(200, "2026年11月24日に承認されました", "みほん a-owner")
		if got := s.standing(scs, "1-3-1-1"); got != assess.Open {
			t.Errorf("the approval answered for the company: %s", got)
		}
		s.say(scs, "1-3-1-1", "met")
		if got := s.standing(scs, "1-3-1-1"); got != assess.Shown {
			t.Errorf("with the policy in force: %s", got)
		}
		public := "/policies/" + s.value("SELECT public_id FROM policy_document WHERE org_id = ?", s.id)
		s.get(public, "").want(404)
		s.post(path+"/publish", "a-owner").want(303)
		s.say(scs, "1-3-1-2", "met")
		if got := s.standing(scs, "1-3-1-2"); got != assess.Shown {
			t.Errorf("published, 1-3-1-2: %s", got)
		}
		s.get(public, "").want(200, "株式会社みほんa", "情報セキュリティ基本方針", "見本 花子", "第1版").wantNot("a-owner", "a-member")
		s.read(public, "", i18n.EN).want(200, "Information Security Policy", "We regularly train our employees", "Hanako Mihon", "The Japanese text is the one that counts")
		s.read(public, "", i18n.Easy).want(200, "経営者が先頭に立ち", "<rt>")
		s.now = s.now.AddDate(1, 0, 0)
		if got := s.standing(scs, "1-3-1-1"); got != assess.Expired {
			t.Errorf("a year later: %s", got)
		}
	})
}

func TestRuleBookProvesWhatItAsksFor(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		path := s.begin("rulebook")
		for _, item := range []string{"4-1-5-3", "4-1-5-4", "4-3-4-3", "4-1-4-2"} {
			s.say(scs, item, "met")
		}
		s.say("self-diagnosis-25", "25", "done")
		s.post(path+"/settings", "a-manager", "values.guarded", "6", "values.backup_targets", "会計", "values.update_targets", "1", "values.update_targets.pc", "yes").want(303)
		s.get(path, "a-viewer").want(200, "ほかの守りがあるときのパスワードが6文字です。8文字以上にします。", "対象が1つです。4つの全部にします。", "4-1-5-3", "「対象ごとの戻し方」をまだ決めていません。")
		s.post(path+"/approve", "a-owner", "revision", s.revision(path)).want(303)
		for item, want := range map[string]assess.State{"4-1-5-3": assess.Word, "4-1-5-4": assess.Shown, "4-3-4-3": assess.Word, "4-1-4-2": assess.Word} {
			if got := s.standing(scs, item); got != want {
				t.Errorf("%s: %s, want %s", item, got, want)
			}
		}
		if got := s.standing("self-diagnosis-25", "25"); got != assess.Shown {
			t.Errorf("25: %s", got)
		}
		s.post(path+"/next", "a-member").want(303)
		s.post(path+"/settings", "a-manager", "values.guarded", "8", "values.restore_way", "会計は外付けディスクから").want(303)
		s.post(path+"/approve", "a-owner", "revision", s.revision(path)).want(303)
		for item, want := range map[string]assess.State{"4-1-5-3": assess.Shown, "4-1-5-4": assess.Shown, "4-3-4-3": assess.Shown} {
			if got := s.standing(scs, item); got != want {
				t.Errorf("second version, %s: %s, want %s", item, got, want)
			}
		}
		s.get(path+"/versions/2/changes", "a-viewer").want(200, "第1版から第2版で変わったところ", "6文字以上", "8文字以上", "<del>", "<ins>").wantNot("秘密を守ること")
		s.get(path+"/versions/1", "a-viewer").want(200, "新しい版に替わりました", "6文字以上")
		s.post(path+"/publish", "a-owner").want(404) // rules are for the company itself
		s.post(path+"/withdraw", "a-owner").want(303)
		if got := s.standing(scs, "4-1-5-3"); got != assess.Word {
			t.Errorf("after the withdrawal: %s", got)
		}
		if got := s.standing("self-diagnosis-25", "25"); got != assess.Word {
			t.Errorf("after the withdrawal, 25: %s", got)
		}
	})
}

func TestSectionsAreEditedByHand(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		path := s.begin("basic-policy")
		section := path + "/sections/employees"
		s.get(section, "a-member").want(200, "日本語の文", `name="revision" value="1"`)
		s.post(section, "a-member", "revision", "1", "ja", " 自分の言葉です。\r\n\r\n二つめ。<b> ", "en", "Own words.", "do", "save").want(303)
		s.get(path, "a-viewer").want(200, "<p lang=\"ja\">自分の言葉です。</p>", "二つめ。&lt;b&gt;")
		s.post(section, "a-manager", "revision", "1", "ja", "遅れた変更", "do", "save").want(409, "ほかの人が下書きを変えました", "遅れた変更")
		s.post(section, "a-member", "revision", "2", "ja", strings.Repeat("長", policy.MaxBody+1)).want(422, "6000文字まで")
		s.post(section, "a-member", "revision", "2", "ja", strings.Repeat("行\n", policy.MaxLines+1)).want(422, "200行まで")
		s.post(section, "a-member", "revision", "2", "ja", "左右\u202eに").want(422)
		s.post(section, "a-member", "revision", "2", "ja", "", "en", "Only English").want(422, "日本語の文も")
		// Settings leave it alone, the template takes it back when asked.
		s.post(path+"/settings", "a-member", "values.officer", "情報管理責任者").want(303)
		s.get(path, "a-viewer").want(200, "自分の言葉です", "情報管理責任者を置き")
		s.post(path+"/rewrite", "a-member").want(303)
		s.get(path, "a-viewer").want(200, "自分の言葉です")
		s.post(section, "a-member", "revision", s.revision(path), "ja", "x", "do", "anew").want(303)
		s.get(path, "a-viewer").want(200, "従業員は、情報セキュリティに必要な知識").wantNot("自分の言葉です")
		s.post(section, "a-member", "revision", s.revision(path), "ja", "", "en", "", "do", "save").want(303)
		s.get(path, "a-viewer").want(200, "この章は入れません")
		s.post(path+"/sections/nowhere", "a-member", "revision", s.revision(path), "ja", "x").want(404)
	})
}

func TestWhatIsNotAnsweredSoIsNotApproved(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.say("self-diagnosis-25", "20", "done")
		path := s.begin("basic-policy")
		s.post(path+"/settings", "a-member", "values.representative", "見本 花子").want(303)
		s.say("self-diagnosis-25", "20", "not_done")
		s.get(path, "a-owner").want(200, "「従業員の取り組み」に、いまの答えと合わない文があります", "いまの答えで作り直す").wantNot("読んで承認する")
		s.post(path+"/approve", "a-owner", "revision", "2").want(409, "従業員の取り組み")
		s.post(path+"/rewrite", "a-member").want(303)
		s.post(path+"/approve", "a-owner", "revision", "3").want(303)
		s.get(path, "a-viewer").want(200, "教育を行います").wantNot("教育を続けて行っています")
	})
}

func TestOnlyKnownCompaniesPublish(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		path := s.approved()
		public := "/policies/" + s.value("SELECT public_id FROM policy_document WHERE org_id = ?", s.id)
		s.unbound[s.id] = true
		s.get(path, "a-owner").want(200, "会社の名乗りが、まだ確かめられていません", "/binding").wantNot("/publish\"")
		s.get(path+"/publish", "a-owner").want(200, "会社の名乗りが、まだ確かめられていません")
		s.post(path+"/publish", "a-owner").want(409, "貼り紙が使えます")
		s.unbound[s.id] = false
		if err := s.org.Pause(context.Background(), org.ID(s.id), org.PausedByRestore); err != nil {
			t.Fatal(err)
		}
		s.post(path+"/publish", "a-owner").want(409, "いま止めています")
		if err := s.org.Resume(context.Background(), org.ID(s.id)); err != nil {
			t.Fatal(err)
		}
		s.post(path+"/publish", "a-owner").want(303)
		s.get(public, "").want(200)
		s.published(true)
		s.unbound[s.id] = true
		s.get(public, "").want(404)
		s.published(false)
		s.unbound[s.id] = false
		if err := s.org.Pause(context.Background(), org.ID(s.id), org.PausedByRestore); err != nil {
			t.Fatal(err)
		}
		s.get(public, "").want(404)
		s.published(false)
		if err := s.org.Resume(context.Background(), org.ID(s.id)); err != nil {
			t.Fatal(err)
		}
		s.get("/api/v1"+public, "").want(200, `"company":"株式会社みほんa"`).wantNot(`"edited"`)
		s.post(path+"/unpublish", "a-owner").want(303)
		s.get(public, "").want(404)
		s.published(false)
		s.get("/policies/"+strings.Repeat("a", 16), "").want(404)
	})
}

func (s *stage) published(want bool) {
	s.t.Helper()
	err := s.d.Read(context.Background(), func(ctx context.Context) error {
		p, ok, err := s.Published(ctx, s.id)
		if ok != want || ok && (p.Version != 1 || p.Since.IsZero() || !strings.HasPrefix(p.URL, "http://localhost:8080/policies/")) {
			s.t.Errorf("published: %v %+v, want %v", ok, p, want)
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestTheNextVersionReplacesThePublishedOne(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		path := s.approved()
		s.post(path+"/publish", "a-owner").want(303)
		public := "/policies/" + s.value("SELECT public_id FROM policy_document WHERE org_id = ?", s.id)
		s.post(path+"/next", "a-member").want(303)
		s.post(path+"/next", "a-member").want(303) // there is one already
		s.post(path+"/settings", "a-member", "values.representative", "見本 次郎").want(303)
		s.get(public, "").want(200, "見本 花子", "第1版").wantNot("見本 次郎")
		s.get(path+"/approve", "a-owner").want(200, "公開しているページも")
		s.post(path+"/approve", "a-owner", "revision", s.revision(path)).want(303)
		s.get(public, "").want(200, "見本 次郎", "第2版").wantNot("見本 花子")
		s.get(path+"/versions/1", "a-viewer").want(200, "見本 花子")
		s.get(path+"/versions/3", "a-viewer").want(404)
		s.post(path+"/withdraw", "a-owner").want(303)
		s.get(public, "").want(404)
		s.get(path, "a-viewer").want(200, "取り下げました")
		s.post(path+"/withdraw", "a-owner").want(404)
	})
}

func TestRoles(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.post("/orgs/"+s.id+"/policies", "a-viewer", "template", "basic-policy").want(403)
		s.post("/orgs/"+s.id+"/policies", "a-member", "template", "nothing").want(404)
		path := s.begin("basic-policy")
		if again := s.begin("basic-policy"); again != path {
			t.Errorf("two documents: %s, %s", path, again)
		}
		for _, p := range []string{"/settings", "/sections/purpose", "/rewrite", "/next"} {
			s.post(path+p, "a-viewer", "revision", "1", "ja", "x").want(403)
		}
		for _, p := range []string{"/approve", "/publish", "/unpublish", "/withdraw"} {
			s.post(path+p, "a-manager").want(403)
			s.get(path+p, "a-manager").want(403)
			s.post(path+p, "a-owner~").want(403) // logged in long ago
		}
	})
}

func TestTenants(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		path := s.approved()
		b := s.company("b", org.Fictional(2))
		theirs := strings.Replace(path, s.id, b, 1)
		for _, p := range []string{"", "/settings", "/sections/purpose", "/approve", "/publish", "/unpublish", "/withdraw", "/versions/1", "/versions/1/changes", "/versions/1/poster", "/versions/1/policy.pdf", "/versions/1/policy.docx"} {
			s.get(path+p, "b-owner").want(404)
			s.get(theirs+p, "b-owner").want(404)
		}
		for _, p := range []string{"/next", "/rewrite", "/settings", "/sections/purpose", "/approve", "/publish", "/unpublish", "/withdraw"} {
			s.post(path+p, "b-owner", "revision", "1", "ja", "x").want(404)
			s.post(theirs+p, "b-owner", "revision", "1", "ja", "x").want(404)
		}
		s.get("/orgs/"+b+"/policies", "b-owner").want(200).wantNot("承認されています")
		s.get(path, "").want(http.StatusSeeOther) // to the login
	})
}

func TestFiles(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		path := s.approved()
		pdf := s.get(path+"/versions/1/policy.pdf", "a-viewer").want(200)
		if !bytes.HasPrefix(pdf.Body.Bytes(), []byte("%PDF-")) || pdf.Header().Get("Content-Type") != "application/pdf" {
			t.Errorf("%v", pdf.Header())
		}
		file := s.get(path+"/versions/1/policy.docx", "a-viewer").want(200).Body.Bytes()
		if again := s.get(path+"/versions/1/policy.docx", "a-viewer").Body.Bytes(); !bytes.Equal(file, again) {
			t.Error("two downloads differ")
		}
		z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		f, err := z.Open("word/document.xml")
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(f)
		if err != nil || !bytes.Contains(text, []byte("代表者　見本 花子")) || bytes.Contains(text, []byte("下書き")) {
			t.Errorf("%v %.300s", err, text)
		}
		s.get(path+"/versions/1/poster", "a-viewer").want(200, "見本 花子").wantNot("有効な版ではありません")
		s.post(path+"/next", "a-member").want(303)
		s.get(path+"/versions/2/poster", "a-viewer").want(200, "有効な版ではありません")
		s.read(path+"/versions/2/policy.pdf", "a-viewer", i18n.EN).want(200)
	})
}

func TestWhatWasTakenAwayStaysAway(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		path := s.approved()
		id := path[strings.LastIndex(path, "/")+1:]
		s.post(path+"/publish", "a-owner").want(303)
		s.say(scs, "1-3-1-1", "met")
		public := "/policies/" + s.value("SELECT public_id FROM policy_document WHERE org_id = ?", s.id)
		replay := func(verb string, at time.Time, subject string) {
			t.Helper()
			if err := s.Replay(context.Background(), journal.Entry{Org: s.id, At: at, Actor: "a-owner", Verb: verb, Subject: subject, Revokes: true}); err != nil {
				t.Fatal(err)
			}
		}
		replay("policy.withdrawn", s.now.Add(-time.Hour), id) // before it was approved
		replay("policy.unpublished", s.now.Add(-time.Hour), id)
		replay("policy.withdrawn", s.now, "unknown")
		s.get(public, "").want(200)
		s.say(scs, "1-3-1-2", "met")
		replay("policy.unpublished", s.now.Add(time.Hour), id)
		s.get(public, "").want(404)
		if got := s.standing(scs, "1-3-1-2"); got != assess.Word {
			t.Errorf("hidden again, 1-3-1-2: %s", got)
		}
		replay("policy.withdrawn", s.now.Add(time.Hour), id)
		replay("policy.withdrawn", s.now.Add(time.Hour), id)
		if got := s.standing(scs, "1-3-1-1"); got != assess.Word {
			t.Errorf("after the restore: %s", got)
		}
		s.post(path+"/publish", "a-owner").want(409, "承認された版がまだありません")
	})
}

func TestGoesWithTheCompany(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.approved()
		var out bytes.Buffer
		err := s.d.Read(context.Background(), func(ctx context.Context) error {
			return s.Export(ctx, s.id, func(name string, write func(io.Writer) error) error {
				out.WriteString(name)
				return write(&out)
			})
		})
		if err != nil || !strings.Contains(out.String(), "policies.json") || !strings.Contains(out.String(), "見本 花子") {
			t.Errorf("%v %.300s", err, out.String())
		}
		if err := s.Close(context.Background(), s.id); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"policy_document", "policy_version", "policy_section"} {
			if n := s.count("SELECT COUNT(*) FROM "+table+" WHERE org_id = ?", s.id); n > 0 {
				t.Errorf("%s keeps %d rows", table, n)
			}
		}
	})
}

// TestApprovesWhatTheSheetNames: the draft of a signed sheet is told from one that
// was changed after printing.
func TestApprovesWhatTheSheetNames(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		path := s.begin("basic-policy")
		sheets := func() (all []policy.Sheet) {
			t.Helper()
			err := s.d.Read(context.Background(), func(ctx context.Context) (err error) {
				all, err = s.Sheets(ctx, s.id)
				return err
			})
			if err != nil || len(all) != 1 {
				t.Fatal(err, all)
			}
			return all
		}
		if sheets()[0].Ready {
			t.Error("a draft without its representative is ready")
		}
		s.post(path+"/settings", "a-member", "values.representative", "見本 花子").want(303)
		printed := sheets()[0]
		s.post(path+"/settings", "a-member", "values.representative", "見本 次郎").want(303)
		if now := sheets()[0]; !now.Ready || now.Digest == printed.Digest || now.Revision == printed.Revision {
			t.Errorf("%+v, printed %+v", now, printed)
		}
		version, err := s.Approve(context.Background(), s.id, sheets()[0].Document, sheets()[0].Revision)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.value("SELECT digest FROM policy_version WHERE id = ?", version); got == printed.Digest {
			t.Error("another text was approved")
		}
		s.paper[version] = org.Paper{By: "職員 いちろう", At: s.now}
		s.get(path, "a-viewer").want(200, "職員 いちろう")
	})
}
