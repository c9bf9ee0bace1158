package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"regain.example/imager"
	"regain.example/imager/bootwatch"
)

// way is a machine on its way to the agent, as the pages show it.
type way struct {
	MAC, Name, Firmware string
	State               string // a word or two
	Tone                tone
	Stage               string // what it did last, in words
	Since               time.Time
	Tries               int
	Held                bool
	Trouble             *imager.BootTrouble
}

// ID is the id of its element, where it has no card.
func (w way) ID() string { return "b-" + strings.ReplaceAll(w.MAC, ":", "-") }

func newWay(b imager.Boot) way {
	w := way{
		MAC: b.MAC, Name: b.Name, Firmware: b.Arch, Stage: bootwatch.Words(b.Stage), Since: b.At,
		Tries: b.Tries, Held: b.Held, Trouble: b.Trouble,
	}
	switch {
	case b.Held:
		w.State, w.Tone = "Held", toneBad
	case b.Trouble != nil:
		w.State, w.Tone = "Does not boot", toneBad
	case b.Stage == "local-disk":
		w.State, w.Tone = "Own disk", toneIdle
	default:
		w.State, w.Tone = "Starting", toneWork
	}
	return w
}

// wayOf is the way of a machine that has a card; nil if its agent speaks, or if
// nothing was seen of it since.
func wayOf(v imager.View, boots []imager.Boot) *way {
	i := slices.IndexFunc(boots, func(b imager.Boot) bool { return b.Machine == v.Machine.Number })
	if v.Online || i < 0 {
		return nil
	}
	w := newWay(boots[i])
	return &w
}

// strangers are the ways of machines without a card.
func strangers(boots []imager.Boot, cards []card) (ways []way) {
	for _, b := range boots {
		if !slices.ContainsFunc(cards, func(c card) bool { return c.Number == b.Machine }) {
			ways = append(ways, newWay(b))
		}
	}
	return ways
}

func rivals(b imager.Boots) (servers []string) {
	for _, a := range b.Rivals {
		servers = append(servers, a.String())
	}
	return servers
}

// bootAgain lets a machine whose boots failed try again.
func (s *Site) bootAgain(w http.ResponseWriter, r *http.Request) {
	if err := s.op.BootAgain(r.Context(), actor(r), r.PathValue("mac")); err != nil {
		status, text := s.explain(err)
		s.listPage(w, r, status, text)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
