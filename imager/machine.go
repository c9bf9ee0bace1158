// Package imager is the controller: it knows the machines, what should happen to
// each, and what did. The domain types stand here; the packages below it are
// either pure decisions (identity, verdict, plan) or adapters named after their
// technology (bolt, bench, web, ...).
package imager

import (
	"strings"
	"time"

	"regain.example/agent/api"
)

// Machine is a computer that the controller has met at least once. It is known
// by its identity (package identity), never by a network address alone.
type Machine struct {
	Number    int           `json:"number"` // from 1, in order of first meeting
	Inventory api.Inventory `json:"inventory"`
	FirstSeen time.Time     `json:"first_seen"`
	LastSeen  time.Time     `json:"last_seen"` // of the last registration
	// Job is the machine's present or last job; "" if it never had one.
	Job string `json:"job,omitempty"`
	// Session is the session that speaks for the machine now; "" for none.
	Session string `json:"session,omitempty"`
	// Halted says why all work on the machine is stopped until an operator
	// releases it (two live sessions, a token used twice); "" otherwise.
	Halted string `json:"halted,omitempty"`
	// Sessions are the IDs of the sessions that are remembered, oldest first.
	Sessions []string `json:"sessions,omitempty"`
	// Note is what the identification had to say, such as that this may be a
	// machine met before; "" for nothing.
	Note string `json:"note,omitempty"`
	// Released is set when an operator released the machine after its job
	// ended: it starts the agent again instead of its own disk.
	Released bool `json:"released,omitempty"`
	// Version counts the changes of the record; see control.Store.
	Version uint64 `json:"version"`
}

// Name is what people call the machine, besides its number.
func (m Machine) Name() string {
	s := m.Inventory.System
	switch {
	case s.Manufacturer == "":
		return s.Product
	case s.Product == "":
		return s.Manufacturer
	case strings.HasPrefix(strings.ToLower(s.Product), strings.ToLower(s.Manufacturer)):
		return s.Product // HP writes "HP EliteDesk" into the product, too
	}
	return s.Manufacturer + " " + s.Product
}

// Session is one boot of the agent that has registered.
type Session struct {
	ID      string    `json:"id"`
	Machine int       `json:"machine"`
	KeyHash []byte    `json:"key_hash"` // SHA-256 of the bearer key
	Nonce   string    `json:"nonce"`    // of the registration
	Token   []byte    `json:"token"`    // SHA-256 of the token that opened it
	Began   time.Time `json:"began"`
	Durable uint64    `json:"durable"` // highest report applied
	// Offsets counts the reports that told no more than an offset.
	Offsets uint64 `json:"offsets,omitempty"`
	// Superseded is when a later registration of the same machine took its
	// place; zero while it speaks for the machine. A superseded session that
	// speaks again is a second live session.
	Superseded time.Time `json:"superseded"`
	// Stopped says why the session may not speak any more; "" while it may.
	Stopped string `json:"stopped,omitempty"`
	// Left is set when the agent said that it leaves: the machine restarts.
	Left bool `json:"left,omitempty"`
	// Quiet is when the session may be given orders that destroy: after the
	// session before it was silent for the grace time. Zero for at once.
	Quiet time.Time `json:"quiet"`
	// Revision is that of the session's present order, and Order the SHA-256
	// of that order.
	Revision uint64 `json:"revision"`
	Order    []byte `json:"order,omitempty"`
	// Enrol is set in a session that no boot token opened.
	Enrol *Enrol `json:"enrol,omitempty"`
	// Version counts the changes of the record; see control.Store.
	Version uint64 `json:"version"`
}
