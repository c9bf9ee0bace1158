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
	boots    map[string]stage     // address of a client -> its last boot stage
	offsets  map[string]time.Time // job -> when its offsets went to disk
	changed  map[int]chan struct{}
	watchers map[*watcher]struct{}
}

type progress struct {
	at time.Time
	api.Progress
}

type stage struct {
	at    time.Time
	name  string
	began time.Time // of this boot: its first stage
}

// bootGap is the silence after which a client's next stage is another boot's.
const bootGap = 10 * time.Minute

// maxBoots bounds how many clients' boot stages are remembered.
const maxBoots = 1024

func newPresent(now time.Time) *present {
	return &present{
		started: now, spoke: map[string]time.Time{}, polls: map[string]int{},
		progress: map[int]progress{}, boots: map[string]stage{}, offsets: map[string]time.Time{},
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

// reached notes a client's boot stage.
func (p *present) reached(mac, name string, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.boots[mac]; !known && len(p.boots) >= maxBoots {
		oldest := ""
		for m, s := range p.boots {
			if oldest == "" || s.at.Before(p.boots[oldest].at) {
				oldest = m
			}
		}
		delete(p.boots, oldest)
	}
	last := p.boots[mac]
	if last.began.IsZero() || now.Sub(last.at) > bootGap || rank(name) < rank(last.name) {
		last.began = now
	}
	p.boots[mac] = stage{now, name, last.began}
}

// rank orders the stages of boot.Stage; a lower one after a higher is a new boot.
// A boot loader asks for an address again, which is not.
func rank(name string) int {
	switch name {
	case "kernel", "initramfs", "local-disk":
		return 1
	}
	return 0
}

func (p *present) bootBegan(nics []api.NIC) time.Time { return p.lastStage(nics).began }

func (p *present) lastStage(nics []api.NIC) (s stage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range nics {
		if b := p.boots[n.MAC]; b.at.After(s.at) {
			s = b
		}
	}
	return s
}
