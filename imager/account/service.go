package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"sync"
	"time"
)

// InvitationLife is how long the link to the first account is valid.
const InvitationLife = 24 * time.Hour

// Service logs people in.
type Service struct {
	store    Store
	params   Params
	now      func() time.Time
	limits   *limiter
	sessions *sessions
	dummy    string        // hash that is checked for names without account
	hashing  chan struct{} // one place: argon2id's memory is taken once at a time

	mu         sync.Mutex
	invitation [sha256.Size]byte
	invitedTo  time.Time
}

// New returns a service over store. Tests give small params; everybody else
// DefaultParams.
func New(store Store, params Params, now func() time.Time) *Service {
	return &Service{
		store: store, params: params, now: now,
		limits: newLimiter(now), sessions: newSessions(now),
		dummy: params.Hash(rand.Text()), hashing: make(chan struct{}, 1),
	}
}

// Invite returns the secret of the link that makes the first account, or "" if
// there is an account. An earlier link is void.
func (s *Service) Invite(ctx context.Context) (string, error) {
	all, err := s.store.Accounts(ctx)
	if err != nil {
		return "", fmt.Errorf("look for accounts: %w", err)
	}
	if len(all) > 0 {
		return "", nil
	}
	secret := rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.invitation, s.invitedTo = sha256.Sum256([]byte(secret)), s.now().Add(InvitationLife)
	return secret, nil
}

// Invited reports whether secret is that of the present link.
func (s *Service) Invited(secret string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := sha256.Sum256([]byte(secret))
	return s.now().Before(s.invitedTo) && subtle.ConstantTimeCompare(sum[:], s.invitation[:]) == 1
}

// Accept makes the first account by the link, logs it in, and returns the secret
// of its session. The link is spent once the account is on disk.
func (s *Service) Accept(ctx context.Context, secret, name, password, address string) (string, error) {
	if !s.limits.take("link " + address) {
		return "", ErrTooMany
	}
	if !s.Invited(secret) {
		return "", fmt.Errorf("%w: it was used, or is too old; restart the controller for a new one if there is no account", ErrInvitation)
	}
	s.limits.forget("link " + address)
	if err := CheckName(name); err != nil {
		return "", err
	}
	if err := CheckPassword(name, password); err != nil {
		return "", err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return "", err
	}
	now := s.now().UTC()
	err = s.store.CreateFirstAccount(ctx, Account{Name: name, Password: hash, Created: now},
		Event{At: now, Account: name, Address: address, Action: ActionCreate, Result: ResultOK})
	if err != nil {
		return "", fmt.Errorf("create account %s: %w", name, err)
	}
	s.mu.Lock()
	s.invitedTo = time.Time{}
	s.mu.Unlock()
	return s.sessions.begin(name), nil
}

func (s *Service) hash(ctx context.Context, password string) (string, error) {
	if err := s.begin(ctx); err != nil {
		return "", err
	}
	defer func() { <-s.hashing }()
	return s.params.Hash(password), nil
}

func (s *Service) begin(ctx context.Context) error {
	select {
	case s.hashing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
