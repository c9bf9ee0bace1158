package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Times of the event stream.
const (
	eventPause   = 750 * time.Millisecond // changes within it are sent together
	eventRefresh = 5 * time.Second        // shows what no change announces, such as a machine gone silent
	eventWrite   = 10 * time.Second       // a reader slower than this is dropped
)

// change is one event: the elements to replace and, for the list page only, the
// order of all machines, and that of all that are on their way and have no card.
type change struct {
	Parts map[string]string `json:"parts"` // element id -> its HTML
	Order []string          `json:"order"`
	Boots []string          `json:"boots"`
}

// events sends the changed parts of the list, or of one machine's page. It ends
// with the login.
func (s *Site) events(w http.ResponseWriter, r *http.Request) {
	number := 0
	if q := r.URL.Query().Get("machine"); q != "" {
		n, err := strconv.Atoi(q)
		if err != nil || n < 1 {
			http.Error(w, "no such machine", http.StatusBadRequest)
			return
		}
		number = n
	}
	w.Header().Set("Content-Type", "text/event-stream")
	stream := &stream{site: s, w: w, control: http.NewResponseController(w), sent: map[string]string{}}
	// The server's time to read a request would end the stream.
	if err := stream.control.SetReadDeadline(time.Time{}); err != nil {
		s.log.Error("open event stream", "err", err)
		return
	}
	watch := s.op.Watch(r.Context())
	tick := time.NewTicker(eventRefresh)
	defer tick.Stop()
	for {
		if _, ok := s.session(r); !ok {
			return
		}
		if err := stream.send(r, number); err != nil {
			s.log.Debug("event stream ends", "err", err)
			return
		}
		if !wait(r, watch, tick.C) {
			return
		}
	}
}

// wait returns at the next change, after a short pause for others to join it, or
// at the next tick; false if the reader is gone.
func wait(r *http.Request, watch <-chan int, tick <-chan time.Time) bool {
	select {
	case <-r.Context().Done():
		return false
	case <-tick:
		return true
	case _, open := <-watch:
		if !open {
			return false
		}
	}
	pause := time.NewTimer(eventPause)
	defer pause.Stop()
	for {
		select {
		case <-r.Context().Done():
			return false
		case _, open := <-watch:
			if !open {
				return false
			}
		case <-pause.C:
			return true
		}
	}
}

// stream remembers what a reader has, and sends what differs.
type stream struct {
	site    *Site
	w       http.ResponseWriter
	control *http.ResponseController
	sent    map[string]string
}

func (t *stream) send(r *http.Request, number int) error {
	now, err := t.site.parts(r, number)
	if err != nil {
		return err
	}
	out := change{Parts: map[string]string{}, Order: now.Order, Boots: now.Boots}
	for id, html := range now.Parts {
		if t.sent[id] != html {
			out.Parts[id], t.sent[id] = html, html
		}
	}
	body, err := json.Marshal(out)
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	if err := t.control.SetWriteDeadline(time.Now().Add(eventWrite)); err != nil {
		return fmt.Errorf("send event: %w", err)
	}
	if _, err := fmt.Fprintf(t.w, "data: %s\n\n", body); err != nil {
		return fmt.Errorf("send event: %w", err)
	}
	return t.control.Flush()
}

// parts renders everything that may change on a page.
func (s *Site) parts(r *http.Request, number int) (change, error) {
	out := change{Parts: map[string]string{}}
	if number > 0 {
		d, err := s.detail(r, number)
		if err != nil {
			return change{}, err
		}
		out.Parts[d.ID()], err = s.fragment("machine", d)
		return out, err
	}
	o, err := s.overview(r)
	if err != nil {
		return change{}, err
	}
	out.Order, out.Boots = []string{}, []string{}
	add := func(id, template string, data any) error {
		var err error
		out.Parts[id], err = s.fragment(template, data)
		return err
	}
	errs := []error{add("summary", "summary", o.Summary), add("rivals", "rivals", o.Rivals)}
	for _, w := range o.Boots {
		errs = append(errs, add(w.ID(), "boot", w))
		out.Boots = append(out.Boots, w.ID())
	}
	for _, c := range o.Machines {
		errs = append(errs, add(c.ID(), "card", c))
		out.Order = append(out.Order, c.ID())
	}
	return out, errors.Join(errs...)
}
