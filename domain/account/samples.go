package account

import (
	"time"

	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// sampleNow is a day in a fictional person's life.
var sampleNow = time.Date(2026, 10, 14, 11, 42, 0, 0, i18n.Tokyo)

// Samples draws every page of the room with fictional people, for the gallery
// and for tests.
func Samples() []ui.Sample {
	person := PersonIn{Code: "sample", Name: "見本 さくら", Email: "sakura@mihon.example"}
	var bad problem.Invalid
	bad.Add("name", "account-name")
	bad.Add("email", "account-email")
	return []ui.Sample{
		{Name: "account-setup", Component: openingPage(OpeningView{PersonIn: person, Setup: true, Minutes: 24})},
		{Name: "account-setup-problem", Component: openingPage(OpeningView{Setup: true, Minutes: 24, problem: problem.As(bad.Or())})},
		{Name: "account-invited", Component: openingPage(OpeningView{PersonIn: person})},
		{Name: "account-recover", Component: recoverPage(RecoverView{Code: "sample", Minutes: 24})},
		{Name: "account-ways", Component: waysPage(WaysView{Next: "/orgs/new", Setup: true})},
		{Name: "account-password", Component: passwordPage(samplePassword())},
		{Name: "account-codes-ask", Component: codesAskPage(CodesView{Left: 3, Back: "/account"})},
		{Name: "account-codes", Component: codesPage(CodesView{Codes: []string{"mqp4-436p-453a-ktev", "bvn2-qqt4-md5q-x233"}, Back: "/account"})},
		{Name: "account-login", Component: loginPage(LoginView{Next: "/orgs"})},
		{Name: "account-login-wrong", Component: loginPage(LoginView{Email: person.Email, Next: "/orgs", problem: problem.As(problem.New(422, "login-wrong"))})},
		{Name: "account-step-up", Component: stepUpPage(StepUpView{Next: "/orgs", Passkeys: true, Password: true})},
		{Name: "account-step-up-code", Component: stepUpPage(StepUpView{Next: "/orgs"})},
		{Name: "account-login-ways", Component: loginPage(LoginView{Next: "/orgs", People: true, Providers: []ProviderLine{{"gbizid", "gBizID"}}})},
		{Name: "account-login-as", Component: loginPage(LoginView{Next: "/orgs", Who: "sample", Name: "見本 さくら", People: true})},
		{Name: "account-onward", Component: onwardPage(OnwardView{Name: "gBizID", URL: "https://provider.example/"})},
		{Name: "account-back", Component: backPage(BackView{Name: "gBizID"})},
		{Name: "account-here", Component: herePage(sampleHere())},
		{Name: "account-here-nobody", Component: herePage(HereView{People: sampleHere().People})},
		{Name: "account-confirm", Component: confirmPage(ConfirmView{Code: "sample"})},
		{Name: "account-confirmed", Component: confirmedPage(ConfirmedView{})},
		{Name: "account-old-ways", Component: oldWaysPage(sampleOldWays(true))},
		{Name: "account-old-ways-first", Component: oldWaysPage(sampleOldWays(false))},
		{Name: "account-shared", Component: openingPage(OpeningView{PersonIn: person, problem: sampleTaken()})},
		{Name: "account", Component: profilePage(sampleProfile())},
		{Name: "account-email", Component: emailPage(EmailView{Email: person.Email})},
		{Name: "account-tokens", Component: tokensPage(sampleTokens())},
		{Name: "account-tokens-none", Component: tokensPage(TokensView{Org: "sample", Now: sampleNow})},
		{Name: "account-token-new", Component: tokenFormPage(TokenFormView{TokenIn: TokenIn{Org: "sample", Role: "viewer", Days: 90}, Roles: []web.Role{web.Viewer, web.Member, web.Manager, web.Owner}})},
		{Name: "account-token-made", Component: tokenMadePage(TokenMadeView{Secret: auth.TokenPrefix + "sample-sample-sample-sample-sample-sample-sa", Org: "sample"})},
	}
}

func sampleHere() HereView {
	return HereView{People: []auth.Account{{ID: "1", Name: "見本 さくら"}, {ID: "2", Name: "見本 次郎"}}, Me: web.Caller{Account: "1", Name: "見本 さくら"}, Kept: true}
}

func sampleOldWays(new bool) OldWaysView {
	return OldWaysView{auth.OldWays{Passkeys: []auth.Passkey{{Name: "Safari / iPhone"}}, Password: true, Codes: 7, New: new}}
}

func sampleTaken() *problem.Problem {
	var taken problem.Invalid
	taken.Add("email", "account-email-taken")
	return problem.As(taken.Or())
}

func samplePassword() PasswordView {
	app := auth.AppSecret{Text: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", URL: "otpauth://totp/Minamori:sakura@mihon.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Minamori"}
	code, err := newQR(app.URL)
	if err != nil {
		panic(err) // the text above is a constant that fits
	}
	return PasswordView{App: app, QR: code, Email: "sakura@mihon.example", Next: "/account"}
}

func sampleProfile() ProfileView {
	ago := func(days int) time.Time { return sampleNow.AddDate(0, 0, -days) }
	return ProfileView{
		Account: auth.Account{Name: "見本 さくら", Email: "sakura@mihon.example", Language: "ja"}, name: "見本 さくら", Now: sampleNow,
		Passkeys: []auth.Passkey{{ID: "1", Name: "Chrome / Windows", Created: ago(210), LastUsed: ago(1)}, {ID: "2", Name: "Safari / iPhone", Created: ago(2)}},
		Provided: []auth.Identity{{ID: "1", Label: "sakura", Provider: auth.Provider{ID: "gbizid", Label: map[string]string{"ja": "gBizID"}}}},
		Password: true, Codes: 7,
		Sessions: []auth.Session{{ID: "1", Label: "Chrome / Windows", LastSeen: sampleNow, Current: true}, {ID: "2", LastSeen: ago(3), Remembered: true}},
	}
}

func sampleTokens() TokensView {
	t := auth.APIToken{ID: "1", Role: "viewer", Label: "給与計算の表", Created: sampleNow, Expires: sampleNow.AddDate(0, 3, 0)}
	used := auth.APIToken{ID: "2", Role: "manager", Write: true, Label: "取込み", Created: sampleNow, LastUsed: sampleNow.AddDate(0, 0, -2), Expires: sampleNow.AddDate(0, 1, 0)}
	return TokensView{Org: "sample", Now: sampleNow, Tokens: []TokenLine{{t, "見本 さくら"}, {used, "見本 次郎"}}}
}
