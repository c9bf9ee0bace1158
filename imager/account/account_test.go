package account_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"regain.example/imager/account"
)

const good = "Corr3ct-horse"

// memory is an account.Store in memory.
type memory struct {
	mu       sync.Mutex
	accounts []account.Account
	events   []account.Event
	fail     error
}

func (m *memory) Accounts(context.Context) ([]account.Account, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.accounts, m.fail
}

func (m *memory) CreateFirstAccount(_ context.Context, a account.Account, e account.Event) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	if len(m.accounts) > 0 {
		return account.ErrExists
	}
	m.accounts, m.events = append(m.accounts, a), append(m.events, e)
	return nil
}

func (m *memory) RecordLogin(_ context.Context, e account.Event) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	m.events = append(m.events, e)
	return nil
}

// cheap keeps argon2id from making the tests slow.
var cheap = account.Params{Time: 1, MemoryKiB: 64, Threads: 1}

// service returns a service with the account m.durand, and its store.
func service(t *testing.T) (*account.Service, *memory) {
	t.Helper()
	store := &memory{}
	s := account.New(store, cheap, time.Now)
	link, err := s.Invite(t.Context())
	if err != nil || link == "" {
		t.Fatalf("invite: %q, %v", link, err)
	}
	if _, err := s.Accept(t.Context(), link, "m.durand", good, "192.0.2.1"); err != nil {
		t.Fatal(err)
	}
	return s, store
}

func TestFirstAccount(t *testing.T) {
	ctx, store := t.Context(), &memory{}
	s := account.New(store, cheap, time.Now)
	if s.Invited("") {
		t.Error("the empty link is valid before any invitation")
	}
	old, err := s.Invite(ctx)
	if err != nil {
		t.Fatal(err)
	}
	link, err := s.Invite(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Accept(ctx, old, "m.durand", good, "a"); !errors.Is(err, account.ErrInvitation) {
		t.Errorf("an earlier link: %v, want ErrInvitation", err)
	}
	for _, bad := range []struct {
		name, password string
		want           error
	}{{"M. Durand", good, account.ErrName}, {"m.durand", "short", account.ErrPassword}} {
		if _, err := s.Accept(ctx, link, bad.name, bad.password, "a"); !errors.Is(err, bad.want) {
			t.Errorf("%s, %s: %v, want %v", bad.name, bad.password, err, bad.want)
		}
	}
	secret, err := s.Accept(ctx, link, "m.durand", good, "192.0.2.1")
	if err != nil {
		t.Fatalf("a mistake must not spend the link: %v", err)
	}
	if name, ok := s.Session(secret); !ok || name != "m.durand" {
		t.Errorf("session of the new account: %q, %v", name, ok)
	}
	if _, err := s.Accept(ctx, link, "mallory", good, "a"); !errors.Is(err, account.ErrInvitation) {
		t.Errorf("the link a second time: %v, want ErrInvitation", err)
	}
	if link, err := s.Invite(ctx); err != nil || link != "" {
		t.Errorf("invite with an account: %q, %v; want none", link, err)
	}
	if p := store.accounts[0].Password; !strings.HasPrefix(p, "$argon2id$v=19$m=64,t=1,p=1$") || strings.Contains(p, good) {
		t.Errorf("stored password %q", p)
	}
}

func TestFirstAccountNotStored(t *testing.T) {
	store := &memory{}
	s := account.New(store, cheap, time.Now)
	link, err := s.Invite(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	store.fail = errors.New("disk full")
	if secret, err := s.Accept(t.Context(), link, "m.durand", good, "a"); err == nil || secret != "" {
		t.Errorf("got session %q, %v; want the store's error", secret, err)
	}
	if !s.Invited(link) {
		t.Error("the link is spent though no account was made")
	}
}

func TestInvitationExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := account.New(&memory{}, cheap, time.Now)
		link, err := s.Invite(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(account.InvitationLife - time.Second)
		if !s.Invited(link) {
			t.Error("not valid a second before its end")
		}
		time.Sleep(time.Second)
		if s.Invited(link) {
			t.Error("valid at its end")
		}
	})
}

func TestLogin(t *testing.T) {
	s, store := service(t)
	ctx := t.Context()
	secret, err := s.Login(ctx, "m.durand", good, "192.0.2.7")
	if err != nil {
		t.Fatal(err)
	}
	if name, ok := s.Session(secret); !ok || name != "m.durand" {
		t.Errorf("session: %q, %v", name, ok)
	}
	for _, bad := range [][2]string{{"m.durand", "Corr3ct-hors"}, {"m.durand", ""}, {"nobody", good}, {"", ""}, {good, "m.durand"}, {"m.durand", strings.Repeat("x", 1<<20)}} {
		if secret, err := s.Login(ctx, bad[0], bad[1], bad[0]); !errors.Is(err, account.ErrLogin) || secret != "" {
			t.Errorf("login %.20q: %q, %v; want ErrLogin", bad, secret, err)
		}
	}
	if err := s.Logout(ctx, secret, "192.0.2.7"); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Session(secret); ok {
		t.Error("the session lives on after logout")
	}
	if err := s.Logout(ctx, secret, "192.0.2.7"); err != nil {
		t.Errorf("second logout: %v", err)
	}

	last := store.events[len(store.events)-1]
	if last.Action != account.ActionLogout || last.Account != "m.durand" || last.Address != "192.0.2.7" {
		t.Errorf("logout recorded as %+v", last)
	}
	for _, e := range store.events {
		if strings.Contains(e.Account, good) || e.Account == "nobody" {
			t.Errorf("what a stranger typed as a name is recorded: %+v", e)
		}
	}
	if refused := store.events[2]; refused.Result != account.ResultRefused || refused.Account != "m.durand" {
		t.Errorf("wrong password recorded as %+v", refused)
	}
}

// TestNoSessionWithoutRecord: a login that cannot be recorded does not happen.
func TestNoSessionWithoutRecord(t *testing.T) {
	_, store := service(t)
	full := errors.New("disk full")
	s := account.New(&recordFails{memory{accounts: store.accounts}, full}, cheap, time.Now)
	if secret, err := s.Login(t.Context(), "m.durand", good, "a"); !errors.Is(err, full) || secret != "" {
		t.Errorf("got %q, %v; want the store's error", secret, err)
	}
}

type recordFails struct {
	memory
	err error
}

func (r *recordFails) RecordLogin(context.Context, account.Event) error { return r.err }

func TestGuessingIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, store := service(t)
		ctx := t.Context()
		for range 5 {
			if _, err := s.Login(ctx, "m.durand", "wrong", "203.0.113.9"); !errors.Is(err, account.ErrLogin) {
				t.Fatalf("within the limit: %v", err)
			}
		}
		before := len(store.events)
		for range 50 {
			if _, err := s.Login(ctx, "m.durand", good, "203.0.113.9"); !errors.Is(err, account.ErrTooMany) {
				t.Fatalf("beyond the limit, even the right password: %v, want ErrTooMany", err)
			}
		}
		if n := len(store.events) - before; n != 1 {
			t.Errorf("a flood wrote %d entries, want 1", n)
		}
		if _, err := s.Login(ctx, "m.durand", good, "192.0.2.1"); err != nil {
			t.Errorf("the person at another address is locked out: %v", err)
		}
		time.Sleep(15*time.Minute + time.Second)
		if _, err := s.Login(ctx, "m.durand", good, "203.0.113.9"); err != nil {
			t.Errorf("after the window: %v", err)
		}
	})
}

func TestSessionEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := service(t)
		secret, err := s.Login(t.Context(), "m.durand", good, "a")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(account.SessionLife - time.Second)
		if _, ok := s.Session(secret); !ok {
			t.Error("ended a second early")
		}
		time.Sleep(time.Second)
		if _, ok := s.Session(secret); ok {
			t.Error("lives on after its end")
		}
	})
}

func TestCheckPassword(t *testing.T) {
	for _, test := range []struct {
		password, want string // want is part of the complaint; "" for accepted
	}{
		{"Corr3ct-horse", ""},
		{"Les 3 Ours blancs", ""},
		{"Été-2024 à Brest", ""},
		{"Short-1", "at least 10"},
		{"nocapital-1", "a capital letter"},
		{"NoDigit-here", "a digit"},
		{"NoSpecial11", "a special character"},
		{"", "at least 10 characters (it has 0), a capital letter, a digit, a special character"},
		{"P@ssw0rd2024!", "everybody tries first"},
		{"MotDePasse123!", "everybody tries first"},
		{"Azertyuiop1!", "everybody tries first"},
		{"M.Durand-2024", "contains the account's name"},
		{"A1-" + strings.Repeat("x", 300), "longer than"},
	} {
		err := account.CheckPassword("m.durand", test.password)
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%q: %v", test.password, err)
		case test.want != "" && (!errors.Is(err, account.ErrPassword) || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%q: %v, want a complaint with %q", test.password, err, test.want)
		}
	}
}

// TestDefaultParams holds the costs above OWASP's least for argon2id: 19 MiB, 2
// passes, 1 lane (Password Storage Cheat Sheet).
func TestDefaultParams(t *testing.T) {
	p := account.DefaultParams()
	if p.MemoryKiB < 19<<10 || p.Time < 2 || p.Threads < 1 {
		t.Errorf("%+v is weaker than OWASP's least", p)
	}
}
