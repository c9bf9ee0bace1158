// Package account holds the accounts of the people who use the controller: their
// passwords, the link by which the first account is made, their login sessions,
// and the limits that slow a guesser down.
//
// Accounts are personal and none exists by default. Login sessions and the link
// live in memory: after a restart people log in again, and a controller without
// an account prints a new link.
package account

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"
)

// The refusals of this package.
var (
	ErrPassword   = errors.New("password not accepted")
	ErrName       = errors.New("name not accepted")
	ErrLogin      = errors.New("name or password is wrong")
	ErrTooMany    = errors.New("too many attempts")
	ErrInvitation = errors.New("link not valid")
	ErrExists     = errors.New("account exists")
)

// Account is one person's. Its password is kept as a PHC string, see Hash.
type Account struct {
	Name     string    `json:"name"`
	Password string    `json:"password"`
	Created  time.Time `json:"created"`
}

// Event is one entry of the login audit.
type Event struct {
	At      time.Time `json:"at"`
	Account string    `json:"account"` // "" where no account of that name exists
	Address string    `json:"address"` // of the terminal
	Action  Action    `json:"action"`
	Result  Result    `json:"result"`
}

// Action is what was tried.
type Action string

// The actions.
const (
	ActionCreate Action = "create account"
	ActionLogin  Action = "login"
	ActionLogout Action = "logout"
)

// Result is how it ended.
type Result string

// The results.
const (
	ResultOK      Result = "ok"
	ResultRefused Result = "refused"
	ResultTooMany Result = "too many attempts"
)

// Store keeps accounts and the login audit; what it has acknowledged is on disk.
type Store interface {
	Accounts(ctx context.Context) ([]Account, error)
	// CreateFirstAccount writes the account and its event in one
	// transaction. It returns ErrExists if there is an account already.
	CreateFirstAccount(ctx context.Context, a Account, e Event) error
	RecordLogin(ctx context.Context, e Event) error
}

// names keeps account names readable in logs and in the audit.
var names = regexp.MustCompile(`^[a-z][a-z0-9._-]{1,31}$`)

// CheckName says what is wrong with a new account's name.
func CheckName(name string) error {
	if !names.MatchString(name) {
		return fmt.Errorf("%w: use 2 to 32 lower case letters, digits, dots and dashes, beginning with a letter (such as m.durand)", ErrName)
	}
	return nil
}
