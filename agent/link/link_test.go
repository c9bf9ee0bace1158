package link

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"regain.example/agent/api"
)

// listener records what it is told.
type listener struct {
	mu         sync.Mutex
	orders     []api.Order
	troubles   []error
	registered int
	connected  int
}

func (l *listener) Registered(api.MachineLabel) { l.note(func() { l.registered++ }) }
func (l *listener) Order(o api.Order)           { l.note(func() { l.orders = append(l.orders, o) }) }
func (l *listener) Connected()                  { l.note(func() { l.connected++ }) }
func (l *listener) Trouble(err error)           { l.note(func() { l.troubles = append(l.troubles, err) }) }

func (l *listener) note(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
}

type machine struct{}

func (machine) Inventory() api.Inventory { return api.Inventory{Kernel: "6.1"} }
func (machine) Holds() []api.DriveID     { return []api.DriveID{"held"} }

// begin runs a client against c until the test ends.
func begin(t *testing.T, c *controller) (*Client, *listener, chan error) {
	t.Helper()
	l := &listener{}
	client, err := New(Options{Params: c.params(), Nonce: "nonce", Registrar: machine{}, Listener: l,
		Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	client.backoff = backoff{first: 2 * time.Millisecond, last: 10 * time.Millisecond}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	done := make(chan struct{})
	go func() { ended <- client.Run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	return client, l, ended
}

func flush(t *testing.T, c *Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := c.Flush(ctx); err != nil {
		t.Fatal(err)
	}
}

func say(c *Client, words string) {
	for w := range strings.FieldsSeq(words) {
		c.Report(api.Report{Kind: api.ReportTrouble, Message: w})
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}

func TestReportsArriveOnceInOrder(t *testing.T) {
	faults := map[string]func(n int, w http.ResponseWriter, r *http.Request) bool{
		"no fault": func(int, http.ResponseWriter, *http.Request) bool { return false },
		"server errors": func(n int, w http.ResponseWriter, _ *http.Request) bool {
			if n%3 != 0 {
				w.WriteHeader(http.StatusBadGateway)
			}
			return n%3 != 0
		},
		"disk full": func(n int, w http.ResponseWriter, _ *http.Request) bool {
			if n < 6 {
				refuse(w, http.StatusInsufficientStorage, api.CodeStorage)
			}
			return n < 6
		},
		"connections cut": func(n int, w http.ResponseWriter, r *http.Request) bool {
			if n%2 == 0 {
				cut(w, r)
			}
			return false
		},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			c := newController(t)
			n := 0
			c.fault = func(w http.ResponseWriter, r *http.Request) bool {
				c.mu.Lock()
				n++
				now := n
				c.mu.Unlock()
				return fault(now, w, r)
			}
			client, _, _ := begin(t, c)
			want := ""
			for i := range 100 { // more than a batch
				say(client, strconv.Itoa(i))
				want += " " + strconv.Itoa(i)
			}
			flush(t, client)
			if got := c.messages(); got != want[1:] {
				t.Errorf("kept %q", got)
			}
		})
	}
}

// A reply that is lost after the controller kept the reports makes them arrive
// twice; they count once and the numbers go on.
func TestLostReply(t *testing.T) {
	c := newController(t)
	lost := false
	c.fault = func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/report") && !lost {
			lost = true
			c.report(discard{}, r)
			panic(http.ErrAbortHandler)
		}
		return false
	}
	client, _, _ := begin(t, c)
	say(client, "a b")
	flush(t, client)
	say(client, "c")
	flush(t, client)
	if got := c.messages(); got != "a b c" || !lost {
		t.Errorf("kept %q, want %q", got, "a b c")
	}
}

// discard is a reply that nobody receives.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}

func TestRegisterAgain(t *testing.T) {
	for name, same := range map[string]bool{"a new session": false, "the same session": true} {
		t.Run(name, func(t *testing.T) {
			c := newController(t)
			c.sameAgain = same
			client, l, _ := begin(t, c)
			orders := func() int { l.mu.Lock(); defer l.mu.Unlock(); return len(l.orders) }
			eventually(t, "the first order", func() bool { return orders() == 1 })
			say(client, "a b")
			flush(t, client)
			c.set(func(c *controller) {
				c.known = false // restored from a backup, or started anew
				c.order.Revision = 1
			})
			say(client, "c d")
			flush(t, client)
			if got := c.messages(); got != "a b c d" {
				t.Errorf("kept %q, want each once, in order", got)
			}
			eventually(t, "the new session's first order", func() bool { return orders() == 2 })
			c.set(func(c *controller) {
				last := c.requests[len(c.requests)-1]
				if len(c.requests) != 2 || !last.Again || last.Nonce != "nonce" || len(last.Holds) != 1 {
					t.Errorf("%d registrations, the last %+v", len(c.requests), last)
				}
			})
		})
	}
}

// A controller that is behind lacks reports that the agent no longer holds.
func TestBehind(t *testing.T) {
	c := newController(t)
	client, _, _ := begin(t, c)
	say(client, "a b c")
	flush(t, client)
	c.set(func(c *controller) { c.kept, c.durable = c.kept[:1], 1 })
	say(client, "d")
	flush(t, client)
	if got := c.messages(); got != "a d" || c.sessions != 2 {
		t.Errorf("kept %q in %d sessions, want %q in 2", got, c.sessions, "a d")
	}
}

func TestStopped(t *testing.T) {
	c := newController(t)
	client, l, ended := begin(t, c)
	eventually(t, "an order", func() bool { l.mu.Lock(); defer l.mu.Unlock(); return len(l.orders) > 0 })
	c.set(func(c *controller) {
		c.fault = func(w http.ResponseWriter, _ *http.Request) bool {
			refuse(w, http.StatusForbidden, api.CodeStopped)
			return true
		}
	})
	say(client, "a")
	select {
	case err := <-ended:
		if !errors.Is(err, ErrStopped) {
			t.Errorf("ended with %v, want ErrStopped", err)
		}
		ended <- err
	case <-time.After(10 * time.Second):
		t.Fatal("went on after it was stopped")
	}
}

func TestOrders(t *testing.T) {
	c := newController(t)
	_, l, _ := begin(t, c)
	for revision := range uint64(4) {
		c.set(func(c *controller) { c.order = api.Order{Revision: revision + 1, Kind: api.OrderWait} })
		eventually(t, "order", func() bool {
			l.mu.Lock()
			defer l.mu.Unlock()
			return len(l.orders) == int(revision)+1 && l.orders[revision].Revision == revision+1
		})
	}
	time.Sleep(150 * time.Millisecond) // a poll that brings the same order again
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.orders) != 4 {
		t.Errorf("an order was handed on twice: %v", l.orders)
	}
}

func TestProgress(t *testing.T) {
	c := newController(t)
	client, _, _ := begin(t, c)
	client.Progress(api.Progress{Job: "old"})
	client.Progress(api.Progress{Job: "new"})
	eventually(t, "progress", func() bool { c.mu.Lock(); defer c.mu.Unlock(); return len(c.progress) == 1 })
	if c.progress[0].Job != "new" {
		t.Errorf("progress is %q, want the newest", c.progress[0].Job)
	}
}

func TestTroubleIsTold(t *testing.T) {
	c := newController(t)
	n := 0
	c.fault = func(w http.ResponseWriter, _ *http.Request) bool {
		n++
		if n <= 3 {
			refuse(w, http.StatusInsufficientStorage, api.CodeStorage)
		}
		return n <= 3
	}
	_, l, _ := begin(t, c)
	eventually(t, "registration", func() bool { l.mu.Lock(); defer l.mu.Unlock(); return l.registered == 1 })
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.troubles) != 3 || l.connected != 1 || code(l.troubles[0]) != api.CodeStorage {
		t.Errorf("troubles %v, connected %d times", l.troubles, l.connected)
	}
}
