package main

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/db"
)

type userCmd struct {
	List     userListCmd     `cmd:"" help:"List the accounts."`
	Recover  userRecoverCmd  `cmd:"" help:"Print a one-time link with which somebody sets a new passkey or password."`
	Operator userOperatorCmd `cmd:"" help:"Make an account an operator of this installation, or take it back."`
	Logout   userLogoutCmd   `cmd:"" help:"End all sessions of an account."`

	ForgetPasskeys userForgetCmd `cmd:"" name:"forget-passkeys" help:"Remove the passkeys of other addresses, after the public address has changed."`
}

// keeper opens the accounts without the rest of the program.
func keeper(c *console, s Store, base string) (*db.DB, *auth.Keeper, error) {
	u, err := Web{PublicURL: base}.public()
	if err != nil {
		return nil, nil, err
	}
	d, err := openExisting(c.ctx, s)
	if err != nil {
		return nil, nil, err
	}
	keys, err := auth.LoadKeys(filepath.Join(s.Data, "installation.key"))
	if err != nil {
		return d, nil, err
	}
	k, err := auth.New(d, auth.Config{Keys: keys, Now: c.now, Host: u.Hostname(), Origin: u.Scheme + "://" + u.Host})
	return d, k, err
}

// with runs f with the accounts open.
func with(c *console, s Store, base string, f func(k *auth.Keeper) error) error {
	d, k, err := keeper(c, s, base)
	if d != nil {
		defer d.Close()
	}
	if err != nil {
		return err
	}
	return f(k)
}

// personArg says whose account it is.
type personArg struct {
	Email   string `arg:"" help:"E-mail address of the account."`
	Account string `help:"Id of the account, where several people share the address."`
}

func (p personArg) who() string {
	if p.Account != "" {
		return p.Account
	}
	return p.Email
}

type userListCmd struct {
	Store
	Output
}

// Run lists the accounts.
func (u userListCmd) Run(c *console) error {
	return with(c, u.Store, "http://localhost", func(k *auth.Keeper) error {
		all, err := k.ListAccounts(c.ctx)
		if err != nil {
			return err
		}
		return u.print(c, all, func(w io.Writer) {
			for _, a := range all {
				role := ""
				if a.Operator {
					role = "\toperator"
				}
				fmt.Fprintf(w, "%s\t%s\t%s%s\n", a.ID, a.Email, a.Name, role)
			}
		})
	})
}

type userRecoverCmd struct {
	Store
	Output
	personArg
	Base string `default:"http://localhost:8080" help:"Address under which the server is reached."`
}

type recoverView struct {
	Link string `json:"link"`
}

// Run prints the link; whoever holds it becomes that account, for 30 minutes.
func (u userRecoverCmd) Run(c *console) error {
	return with(c, u.Store, u.Base, func(k *auth.Keeper) error {
		link, err := k.RecoveryLink(c.ctx, u.Base, u.who())
		if err != nil {
			return err
		}
		return u.print(c, recoverView{link}, func(w io.Writer) { fmt.Fprintln(w, "recover:", link) })
	})
}

type userOperatorCmd struct {
	Store
	personArg
	Remove bool `help:"Take the right back."`
}

// Run changes who runs the installation.
func (u userOperatorCmd) Run(c *console) error {
	return with(c, u.Store, "http://localhost", func(k *auth.Keeper) error {
		return k.MakeOperator(c.ctx, u.who(), !u.Remove)
	})
}

type userLogoutCmd struct {
	Store
	personArg
}

// Run ends the sessions.
func (u userLogoutCmd) Run(c *console) error {
	return with(c, u.Store, "http://localhost", func(k *auth.Keeper) error {
		return k.EndSessions(c.ctx, u.who())
	})
}

type userForgetCmd struct {
	Store
	Base string `arg:"" help:"Address under which the server is reached from now on."`
}

// Run removes passkeys that can no longer work; people then log in by password
// or by a recovery link.
func (u userForgetCmd) Run(c *console) error {
	return with(c, u.Store, u.Base, func(k *auth.Keeper) error { return k.ForgetOtherHosts(c.ctx) })
}
