package bolt

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"regain.example/imager"
	"regain.example/imager/account"
)

func TestAccounts(t *testing.T) {
	ctx, file := t.Context(), filepath.Join(t.TempDir(), "store")
	s, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	if all, err := s.Accounts(ctx); err != nil || len(all) != 0 {
		t.Fatalf("new store: %v, %v; want no account", all, err)
	}
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	durand := account.Account{Name: "m.durand", Password: "$argon2id$...", Created: now}
	made := account.Event{At: now, Account: "m.durand", Address: "192.0.2.7", Action: account.ActionCreate, Result: account.ResultOK}
	if err := s.CreateFirstAccount(ctx, durand, made); err != nil {
		t.Fatal(err)
	}
	err = s.CreateFirstAccount(ctx, account.Account{Name: "mallory"}, account.Event{Account: "mallory"})
	if !errors.Is(err, account.ErrExists) || errors.Is(err, imager.ErrStorage) {
		t.Errorf("second first account: %v, want ErrExists alone", err)
	}
	refused := account.Event{At: now, Account: "m.durand", Address: "192.0.2.9", Action: account.ActionLogin, Result: account.ResultRefused}
	if err := s.RecordLogin(ctx, refused); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	if s, err = Open(file); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if all, err := s.Accounts(ctx); err != nil || len(all) != 1 || all[0] != durand {
		t.Errorf("after reopening: %v, %v; want m.durand alone", all, err)
	}
	events, err := s.Logins(ctx, 10)
	if err != nil || len(events) != 2 || events[0] != refused || events[1] != made {
		t.Errorf("login audit: %v, %v; want the refusal, then the creation", events, err)
	}
	if events, err := s.Logins(ctx, 1); err != nil || len(events) != 1 {
		t.Errorf("limit 1: %v, %v", events, err)
	}
}
