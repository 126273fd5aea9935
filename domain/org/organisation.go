package org

import (
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/web"
)

// ID names an organisation. It is no right.
type ID string

// Kind is what an organisation is in law.
type Kind string

// The kinds. Other is an association, a medical or school corporation, a
// public body and the like.
const (
	KindCompany        Kind = "company"
	KindSoleProprietor Kind = "sole_proprietor"
	KindOther          Kind = "other"
)

// Kinds are the kinds in the order in which a form offers them.
// keys: org.kind.*
var Kinds = []Kind{KindCompany, KindSoleProprietor, KindOther}

// Profile is what an organisation says of itself.
type Profile struct {
	Kind            Kind            `json:"kind"`
	Name            string          `json:"name"` // of a sole proprietor: personal data
	Kana            string          `json:"kana"`
	TradeName       string          `json:"trade_name"` // 屋号
	CorporateNumber CorporateNumber `json:"corporate_number"`
	Industry        Industry        `json:"industry"`
	Trade           Trade           `json:"trade"`
	Employees       *int64          `json:"employees"` // regular staff; null is not told
	CapitalYen      *int64          `json:"capital_yen"`
	Prefecture      Prefecture      `json:"prefecture"`
}

// Organisation is a company, a sole proprietor or another body.
type Organisation struct {
	ID             ID        `json:"id"`
	InternalNumber string    `json:"internal_number"`
	Created        time.Time `json:"created"`
	Profile
}

// Number is what stands beside the name: the official number, or ours.
func (o Organisation) Number() string {
	if o.CorporateNumber != "" {
		return string(o.CorporateNumber)
	}
	return o.InternalNumber
}

// OpenName is the name that others may see, or "" when there is none: the own
// name of a sole proprietor is his alone.
func (o Organisation) OpenName() string {
	if o.Kind == KindSoleProprietor {
		return o.TradeName
	}
	return o.Name
}

// calledName is the name under which an organisation invites: a sole proprietor
// goes by the trade name where there is one.
func (o Organisation) calledName() string {
	if open := o.OpenName(); open != "" {
		return open
	}
	return o.Name
}

// Size is the class by the SME Basic Act, and why.
func (o Organisation) Size() (Size, Why) {
	return SizeOf(o.Kind, o.Industry, o.Trade, o.Employees, o.CapitalYen)
}

const organisationColumns = `o.id, o.internal_number, o.created, o.kind, o.name, o.kana, o.trade_name, o.corporate_number,
	o.industry, o.trade, o.employees, o.capital_yen, o.prefecture`

func (o *Organisation) fields() []any {
	return []any{&o.ID, &o.InternalNumber, db.At(&o.Created), &o.Kind, &o.Name, &o.Kana, &o.TradeName, db.Maybe(&o.CorporateNumber),
		&o.Industry, &o.Trade, &o.Employees, &o.CapitalYen, &o.Prefecture}
}

// Membership is an organisation as one of its people sees it.
type Membership struct {
	Organisation
	Role web.Role `json:"-"`
}
