package emergency

import (
	"context"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// Routes is the room's whole surface.
func (rm *Room) Routes() []web.Route {
	const own = "/orgs/{org}/emergency"
	return []web.Route{
		web.Get("/emergency", web.Public, "Show what to do in the first ten minutes and whom to call.", rm.show, page),
		web.Get(own, web.Viewer, "Show the same with the company's own numbers.", rm.showOwn, page),
		web.Get(own+"/numbers", web.Member, "Show the form for the company's own numbers.", rm.showForm, formPage, web.PageOnly),
		web.Post(own+"/numbers", web.Member, "Keep the company's own numbers.", rm.save, nil, web.Again(rm.saveAgain)),
	}
}

// Steps are the first ten minutes, in order.
// keys: emergency.step.*
var Steps = []string{"unplug", "power", "keep", "write", "call"}

// View is the page. Numbers are absent on the public one.
type View struct {
	Steps    []string  `json:"steps"` // names of the steps, in order
	Contacts []Contact `json:"contacts"`
	Numbers  []Number  `json:"numbers,omitempty"`

	org  string
	role web.Role
}

func (rm *Room) show(context.Context, struct{}) (View, error) {
	return View{Steps: Steps, Contacts: rm.Contacts}, nil
}

// OrgIn names the company.
type OrgIn struct {
	Org string `path:"org" json:"-"`
}

func (rm *Room) showOwn(ctx context.Context, in OrgIn) (View, error) {
	all, err := numbers(ctx, in.Org)
	return View{Steps: Steps, Contacts: rm.Contacts, Numbers: all, org: in.Org, role: web.RoleFrom(ctx)}, err
}

// FormView is the form for the company's own numbers.
type FormView struct {
	org     string
	numbers []Number
	problem *problem.Problem
}

func (rm *Room) showForm(ctx context.Context, in OrgIn) (FormView, error) {
	all, err := numbers(ctx, in.Org)
	return FormView{org: in.Org, numbers: all}, err
}

// SaveIn is the numbers as typed, each list in the order of Places.
type SaveIn struct {
	Org    string   `path:"org" json:"-"`
	Names  []string `json:"name"`
	Phones []string `json:"phone"`
	Notes  []string `json:"note"`
}

func (in SaveIn) numbers() []Number {
	at := func(list []string, i int) string {
		if i < len(list) {
			return list[i]
		}
		return ""
	}
	all := make([]Number, 0, len(Places))
	for i, place := range Places {
		all = append(all, Number{Place: place, Name: at(in.Names, i), Phone: at(in.Phones, i), Note: at(in.Notes, i)})
	}
	return all
}

// Moved is the answer of a change after which the browser goes on.
type Moved struct {
	To string `json:"next"`
}

// Next is the local path to go to.
func (m Moved) Next() string { return m.To }

func (rm *Room) save(ctx context.Context, in SaveIn) (Moved, error) {
	return Moved{"/orgs/" + in.Org + "/emergency"}, rm.Save(ctx, in.Org, in.numbers())
}

func (rm *Room) saveAgain(_ context.Context, in SaveIn, p *problem.Problem) (templ.Component, error) {
	return formPage(FormView{in.Org, in.numbers(), p}), nil
}

// filled says whether a company has filled anything in.
func (v View) filled() bool {
	for _, n := range v.Numbers {
		if !n.empty() {
			return true
		}
	}
	return false
}
