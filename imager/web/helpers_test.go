package web_test

import (
	"context"

	"regain.example/imager/account"
	"regain.example/imager/imagertest"
)

const (
	goodPassword = "Corr3ct-horse"
	goodSecret   = "GOODSECRET"
	goodLink     = "GOODLINK"
)

// logins knows one account with one session.
type logins struct{}

func (logins) Login(_ context.Context, name, password, _ string) (string, error) {
	if name != "m.durand" || password != goodPassword {
		return "", account.ErrLogin
	}
	return goodSecret, nil
}

func (logins) Logout(context.Context, string, string) error { return nil }

func (logins) Session(secret string) (string, bool) { return "m.durand", secret == goodSecret }

func (logins) Invited(secret string) bool { return secret == goodLink }

func (l logins) Accept(_ context.Context, secret, name, password, _ string) (string, error) {
	if !l.Invited(secret) {
		return "", account.ErrInvitation
	}
	if err := account.CheckPassword(name, password); err != nil {
		return "", err
	}
	return goodSecret, nil
}

// workshop is bench with machines in the states of erasing and on their way to the
// agent, and withdrawn drives.
func workshop() *imagertest.Operator {
	op := imagertest.New(imagertest.At, imagertest.Profiles(), append(imagertest.Bench(), imagertest.Erasures()...)...)
	op.SetWithdrawn(imagertest.WithdrawnDrives()...)
	op.SetBoots(imagertest.OnTheWay())
	return op
}
