package account

import (
	"context"
	"encoding/json"

	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/web"
)

// The passkey ceremonies are JSON alone; ui/assets/passkey.js speaks them at
// /api/v1.
func (rm *Room) passkeyRoutes() []web.Route {
	return []web.Route{
		web.Post("/passkeys/register/begin", web.SignedIn, "Begin to add a passkey.", rm.beginRegister, nil, web.StepUp),
		web.Post("/passkeys/register/finish", web.SignedIn, "Add the passkey that the browser made.", rm.finishRegister, nil, web.StepUp),
		web.Post("/passkeys/login/begin", web.Public, "Begin a login with a passkey.", rm.beginLogin, nil),
		web.Post("/passkeys/login/finish", web.Public, "Log in with the browser's answer.", rm.finishLogin, nil),
		web.Post("/passkeys/step-up/begin", web.SignedIn, "Begin to prove identity again with a passkey.", rm.beginStepUp, nil),
		web.Post("/passkeys/step-up/finish", web.SignedIn, "Prove identity again with the browser's answer.", rm.finishStepUp, nil),
	}
}

// AnswerIn is what the browser brings back.
type AnswerIn struct {
	Ceremony   string          `json:"ceremony"`
	Credential json.RawMessage `json:"credential"`
	Name       string          `json:"name"` // of a new passkey
	Remember   bool            `json:"remember"`
	Next       string          `json:"next"`
}

func (rm *Room) beginRegister(ctx context.Context, _ struct{}) (auth.Ceremony, error) {
	return rm.keeper.BeginPasskey(ctx, web.CallerFrom(ctx).Account)
}

func (rm *Room) finishRegister(ctx context.Context, in AnswerIn) (Moved, error) {
	err := rm.keeper.FinishPasskey(ctx, web.CallerFrom(ctx).Account, in.Ceremony, in.Name, in.Credential)
	if err != nil {
		return Moved{}, err
	}
	return rm.afterPasskey(ctx, web.LocalPath(in.Next, "/account"))
}

// afterPasskey offers recovery codes to who has none.
func (rm *Room) afterPasskey(ctx context.Context, next string) (m Moved, err error) {
	err = rm.db.Read(ctx, func(ctx context.Context) error {
		left, err := rm.keeper.RecoveryLeft(ctx, web.CallerFrom(ctx).Account)
		m.To = next
		if left == 0 {
			m.To = with("/account/codes", next)
		}
		return err
	})
	return m, err
}

func (rm *Room) beginLogin(ctx context.Context, _ struct{}) (auth.Ceremony, error) {
	return rm.keeper.BeginPasskeyLogin(ctx)
}

func (rm *Room) finishLogin(ctx context.Context, in AnswerIn) (Moved, error) {
	g, err := rm.keeper.FinishPasskeyLogin(ctx, in.Ceremony, in.Credential, in.Remember)
	if err != nil {
		return Moved{}, err
	}
	replace(ctx, g)
	return Moved{web.LocalPath(in.Next, rm.home)}, nil
}

func (rm *Room) beginStepUp(ctx context.Context, _ struct{}) (auth.Ceremony, error) {
	return rm.keeper.BeginPasskeyStepUp(ctx)
}

func (rm *Room) finishStepUp(ctx context.Context, in AnswerIn) (Moved, error) {
	g, err := rm.keeper.FinishPasskeyStepUp(ctx, in.Ceremony, in.Credential)
	if err != nil {
		return Moved{}, err
	}
	enter(ctx, g)
	return Moved{web.LocalPath(in.Next, rm.home)}, nil
}
