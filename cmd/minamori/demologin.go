package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// demoMark is the file that makes a folder a demo. It names the people whom a
// visitor can be. Only the demo command writes it, into an empty folder.
const demoMark = "demo.json"

// demoPerson is somebody to log in as.
type demoPerson struct {
	Account string `json:"account"`
	Name    string `json:"name"`
	Company string `json:"company"`
	Org     string `json:"org"`
	Role    string `json:"role"` // keys: demo.role.owner, demo.role.manager, demo.role.member, demo.role.viewer, demo.role.operator, demo.role.helper, demo.role.successor, demo.role.specialist
}

type demoView struct {
	People []demoPerson `json:"people"`
}

type demoEnter struct {
	Account string `json:"account"`
}

type demoEntered struct {
	To string `json:"to"`
}

// Next sends the visitor to the home of the company.
func (v demoEntered) Next() string { return v.To }

func readDemo(data string) (v demoView, err error) {
	b, err := os.ReadFile(filepath.Join(data, demoMark))
	if err != nil {
		return v, err
	}
	return v, json.Unmarshal(b, &v)
}

// demoRoutes are there in a demo folder alone: anybody at this computer may be
// anybody in it. There is no other login without a secret in the program.
func (h *House) demoRoutes() []web.Route {
	if !h.demo {
		return nil
	}
	return []web.Route{
		web.Get("/demo", web.Public, "List the people of the demo.", h.demoPeople, demoPage, web.PageOnly),
		web.Post("/demo", web.Public, "Log in as somebody of the demo.", h.demoLogin, nil, web.PageOnly),
	}
}

func (h *House) demoPeople(ctx context.Context, _ struct{}) (demoView, error) {
	if err := onlyHere(ctx); err != nil {
		return demoView{}, err
	}
	v, err := readDemo(h.store.Data)
	if errors.Is(err, fs.ErrNotExist) {
		return v, problem.NotFound()
	}
	return v, err
}

func (h *House) demoLogin(ctx context.Context, in demoEnter) (demoEntered, error) {
	v, err := h.demoPeople(ctx, struct{}{})
	if err != nil {
		return demoEntered{}, err
	}
	for _, p := range v.People {
		if p.Account == in.Account {
			grant, err := h.Accounts.StartSession(ctx, p.Account, false)
			if err != nil {
				return demoEntered{}, err
			}
			web.SetCookie(ctx, web.SessionCookie, grant.Token, grant.Life)
			return demoEntered{To: "/"}, nil
		}
	}
	return demoEntered{}, problem.NotFound()
}

// onlyHere refuses a caller from another computer, should a proxy lead one in.
// ::/64 is how web.Client writes the network of ::1.
func onlyHere(ctx context.Context) error {
	if from := web.Client(ctx); from == "127.0.0.1" || from == "::/64" {
		return nil
	}
	return problem.NotFound()
}
