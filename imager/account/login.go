package account

import (
	"context"
	"fmt"
)

// Login checks name and password and opens a session. It takes the same time for
// a name without account. Every attempt is recorded, save those beyond the
// limit, of which only the first is: a flood must not fill the disk.
func (s *Service) Login(ctx context.Context, name, password, address string) (string, error) {
	known, err := s.known(ctx, name)
	if err != nil {
		return "", err
	}
	// The limit is by address and name, so that a guesser elsewhere cannot
	// lock a person out, and by address alone for names that are no account.
	key := "login " + address + " " + known.Name
	if !s.limits.take(key) {
		if s.limits.take("noted " + key) {
			s.limits.exhaust("noted " + key)
			return "", s.refuse(ctx, known.Name, address, ResultTooMany)
		}
		return "", ErrTooMany
	}
	ok, err := s.check(ctx, known, password)
	if err != nil {
		return "", fmt.Errorf("check password of %s: %w", known.Name, err)
	}
	if !ok {
		return "", s.refuse(ctx, known.Name, address, ResultRefused)
	}
	s.limits.forget(key)
	if err := s.record(ctx, known.Name, address, ActionLogin, ResultOK); err != nil {
		return "", err
	}
	return s.sessions.begin(known.Name), nil
}

// known returns the account, or one without a name whose password nobody has.
// What was typed as a name is not kept: it may be a password.
func (s *Service) known(ctx context.Context, name string) (Account, error) {
	all, err := s.store.Accounts(ctx)
	if err != nil {
		return Account{}, fmt.Errorf("look for account: %w", err)
	}
	for _, a := range all {
		if a.Name == name {
			return a, nil
		}
	}
	return Account{Password: s.dummy}, nil
}

func (s *Service) check(ctx context.Context, a Account, password string) (bool, error) {
	if len(password) > maxPassword {
		return false, nil
	}
	if err := s.begin(ctx); err != nil {
		return false, err
	}
	defer func() { <-s.hashing }()
	ok, err := verify(a.Password, password)
	return ok && a.Name != "", err
}

func (s *Service) refuse(ctx context.Context, name, address string, result Result) error {
	if err := s.record(ctx, name, address, ActionLogin, result); err != nil {
		return err
	}
	if result == ResultTooMany {
		return ErrTooMany
	}
	return ErrLogin
}

func (s *Service) record(ctx context.Context, name, address string, action Action, result Result) error {
	err := s.store.RecordLogin(ctx, Event{
		At: s.now().UTC(), Account: name, Address: address, Action: action, Result: result,
	})
	if err != nil {
		return fmt.Errorf("record %s: %w", action, err)
	}
	return nil
}

// Session returns the account that a session's secret belongs to.
func (s *Service) Session(secret string) (name string, ok bool) { return s.sessions.find(secret) }

// Logout ends a session. It ends even if that cannot be recorded.
func (s *Service) Logout(ctx context.Context, secret, address string) error {
	name, ok := s.sessions.find(secret)
	if !ok {
		return nil
	}
	s.sessions.end(secret)
	return s.record(ctx, name, address, ActionLogout, ResultOK)
}
