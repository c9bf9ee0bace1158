package account

import (
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"
)

// SessionLife is how long a login lasts: one working day.
const SessionLife = 12 * time.Hour

// sessions are the logins that are open. Keys are hashes, so that a dump of the
// memory's maps opens nothing.
type sessions struct {
	now func() time.Time

	mu   sync.Mutex
	open map[[sha256.Size]byte]session
}

type session struct {
	account string
	expires time.Time
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, open: map[[sha256.Size]byte]session{}}
}

// begin opens a session and returns its secret, of 130 random bits.
func (s *sessions) begin(account string) string {
	secret := rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, old := range s.open {
		if !s.now().Before(old.expires) {
			delete(s.open, k)
		}
	}
	s.open[sha256.Sum256([]byte(secret))] = session{account, s.now().Add(SessionLife)}
	return secret
}

func (s *sessions) find(secret string) (account string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.open[sha256.Sum256([]byte(secret))]
	if !ok || !s.now().Before(found.expires) {
		return "", false
	}
	return found.account, true
}

func (s *sessions) end(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, sha256.Sum256([]byte(secret)))
}
