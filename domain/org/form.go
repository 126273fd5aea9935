package org

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/ui"
)

// maxAmount is more than any company has of anything counted here.
const maxAmount = 1_000_000_000_000_000

// Amount is a number as somebody typed it; empty is not told.
type Amount string

// UnmarshalJSON takes a number, a text or null.
func (a *Amount) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	if b[0] == '"' {
		return json.Unmarshal(b, (*string)(a))
	}
	*a = Amount(b)
	return nil
}

func amountOf(n *int64) Amount {
	if n == nil {
		return ""
	}
	return Amount(strconv.FormatInt(*n, 10))
}

// number reads the amount: full-width digits and commas included.
// keys: field.amount
func (a Amount) number() (*int64, *Flaw) {
	digits, other := digitsOf(strings.NewReplacer(",", "", "，", "", "、", "").Replace(string(a)))
	if other == noOther && digits == "" && strings.TrimSpace(string(a)) == "" {
		return nil, nil
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if other != noOther || err != nil || n > maxAmount || strings.ContainsAny(string(a), hyphens) {
		return nil, &Flaw{Code: "amount"}
	}
	return &n, nil
}

// ProfileIn is what a form says of an organisation.
type ProfileIn struct {
	Kind            Kind       `json:"kind"`
	CorporateNumber string     `json:"corporate_number"`
	Name            string     `json:"name"`
	Kana            string     `json:"kana"`
	TradeName       string     `json:"trade_name"`
	Industry        Industry   `json:"industry"`
	Trade           Trade      `json:"trade"`
	Employees       Amount     `json:"employees"`
	CapitalYen      Amount     `json:"capital_yen"`
	Prefecture      Prefecture `json:"prefecture"`
}

func (p Profile) typed() ProfileIn {
	return ProfileIn{
		Kind: p.Kind, CorporateNumber: string(p.CorporateNumber), Name: p.Name, Kana: p.Kana, TradeName: p.TradeName, Industry: p.Industry,
		Trade: p.Trade, Employees: amountOf(p.Employees), CapitalYen: amountOf(p.CapitalYen), Prefecture: p.Prefecture,
	}
}

// Profile holds the form against the rules.
// keys: field.corporate-number-sole
func (in ProfileIn) Profile() (Profile, error) {
	var v problem.Invalid
	if in.Kind == "" {
		in.Kind = KindCompany
	}
	p := Profile{Kind: in.Kind, Industry: in.Industry, Prefecture: in.Prefecture, Trade: tradeIn(in.Industry, in.Trade)}
	v.Check(slices.Contains(Kinds, in.Kind), "kind", "kind")
	var flaw *Flaw
	p.CorporateNumber, flaw = ParseNumber(in.CorporateNumber)
	flaw.note(&v, "corporate_number")
	v.Check(p.CorporateNumber == "" || in.Kind != KindSoleProprietor, "corporate_number", "corporate-number-sole")
	p.Name, flaw = Screen(in.Name)
	flaw.note(&v, "name")
	p.Kana, flaw = screenMaybe(in.Kana)
	flaw.note(&v, "kana")
	p.TradeName, flaw = screenMaybe(in.TradeName)
	flaw.note(&v, "trade_name")
	v.Check(in.Industry == "" || in.Industry.Known(), "industry", "choice")
	v.Check(in.Trade == "" || slices.Contains(Trades, in.Trade), "trade", "choice")
	p.Employees, flaw = in.Employees.number()
	flaw.note(&v, "employees")
	p.CapitalYen, flaw = in.CapitalYen.number()
	flaw.note(&v, "capital_yen")
	v.Check(in.Prefecture == "" || in.Prefecture.Known(), "prefecture", "choice")
	return p, v.Or()
}

// choices are the options of a select: the first is no choice. key is the
// beginning of their texts.
func choices[T ~string](ctx context.Context, key string, all []T) []ui.Option {
	options := []ui.Option{{Text: i18n.T(ctx, "org.choose")}}
	for _, v := range all {
		options = append(options, ui.Option{Value: string(v), Text: i18n.T(ctx, key+string(v))})
	}
	return options
}

// picks are the options of a list of radio buttons; with hints, each says what
// it means.
func picks[T ~string](key string, all []T, hints bool) []ui.Option {
	options := make([]ui.Option, len(all))
	for i, v := range all {
		options[i] = ui.Option{Value: string(v), Label: ui.T(key + string(v))}
		if hints {
			options[i].Hint = ui.T(key + string(v) + ".what")
		}
	}
	return options
}

func countryChoices(ctx context.Context) []ui.Option {
	var options []ui.Option
	for _, c := range countriesByName(ctx) {
		options = append(options, ui.Option{Value: string(c), Text: c.Name(ctx)})
	}
	return options
}
