package bench

import (
	"net"
	"net/http"
	"sync"
	"time"

	"regain.example/agent/api"
)

// A client may make this many requests at once, and this many a second in the
// long run. An agent makes about two.
const (
	burst     = 60
	perSecond = 20
	// maxClients bounds how many clients are remembered.
	maxClients = 4096
)

// limiter bounds the rate of each client address.
type limiter struct {
	now     func() time.Time
	mu      sync.Mutex
	clients map[string]*allowance
}

type allowance struct {
	left float64
	at   time.Time
}

func newLimiter(now func() time.Time) *limiter {
	return &limiter{now: now, clients: map[string]*allowance{}}
}

func (l *limiter) allow(client string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	a := l.clients[client]
	if a == nil {
		if len(l.clients) >= maxClients {
			l.forget(now)
		}
		if len(l.clients) >= maxClients {
			return false
		}
		a = &allowance{left: burst, at: now}
		l.clients[client] = a
	}
	a.left = min(burst, a.left+max(0, now.Sub(a.at).Seconds())*perSecond)
	a.at = now
	if a.left < 1 {
		return false
	}
	a.left--
	return true
}

// forget drops the clients whose allowance is whole again.
func (l *limiter) forget(now time.Time) {
	for client, a := range l.clients {
		if now.Sub(a.at) > burst/perSecond*time.Second {
			delete(l.clients, client)
		}
	}
}

func (s *server) limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil {
			host = r.RemoteAddr
		}
		if !s.limit.allow(host) {
			w.Header().Set("Retry-After", "1")
			s.refuse(w, r, &api.Problem{Code: api.CodeBusy, Message: "too many requests from this machine; it tries again by itself"})
			return
		}
		next.ServeHTTP(w, r)
	})
}
