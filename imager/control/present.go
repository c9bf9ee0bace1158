package control

import (
	"sync"
	"time"

	"regain.example/agent/api"
)

// present is what is known now and lost at a restart: who spoke when, how far
// the work is, who waits for news.
type present struct {
	started time.Time

	mu       sync.Mutex
	spoke    map[string]time.Time // session -> its last word
	polls    map[string]int       // session -> long polls that wait now
	progress map[int]progress     // machine -> its work
	offsets  map[string]time.Time // job -> when its offsets went to disk
	changed  map[int]chan struct{}
	watchers map[*watcher]struct{}
}

type progress struct {
	at time.Time
	api.Progress
}

func newPresent(now time.Time) *present {
	return &present{
		started: now, spoke: map[string]time.Time{}, polls: map[string]int{},
		progress: map[int]progress{}, offsets: map[string]time.Time{},
		changed: map[int]chan struct{}{}, watchers: map[*watcher]struct{}{},
	}
}

func (p *present) heard(session string, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spoke[session] = now
}

// lastWord is when the session last spoke; after a restart of the controller,
// when it started: it may have spoken just before.
func (p *present) lastWord(session string, now time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.polls[session] > 0 {
		return now
	}
	return later(p.started, p.spoke[session])
}

func (p *present) online(session string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	t, ok := p.spoke[session]
	return ok && (p.polls[session] > 0 || now.Sub(t) < onlineFor)
}

// poll counts a long poll that waits; call done at its end.
func (p *present) poll(session string) (done func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.polls[session]++
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.polls[session]--; p.polls[session] <= 0 {
			delete(p.polls, session)
		}
	}
}

// news returns a channel that is closed at the machine's next change.
func (p *present) news(machine int) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.changed[machine] == nil {
		p.changed[machine] = make(chan struct{})
	}
	return p.changed[machine]
}

// tell wakes who waits for the machine; watchers of all machines too.
func (p *present) tell(machine int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ch := p.changed[machine]; ch != nil {
		close(ch)
		delete(p.changed, machine)
	}
	p.show(machine)
}

// tellAll tells the watchers to look at everything.
func (p *present) tellAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.show(0)
}

// show tells the watchers only.
func (p *present) show(machine int) {
	for w := range p.watchers {
		w.tell(machine)
	}
}

func (p *present) forget(sessions []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range sessions {
		delete(p.spoke, s)
	}
}
