package server

import (
	"regain.example/boot"
	"regain.example/boot/chain"
)

// noted is an Observer that gives each sighting to the book of chains first, so
// that the next question about the machine is answered with it.
type noted struct {
	boot.Observer
	book *chain.Book
}

// Observe implements boot.Observer.
func (n noted) Observe(s boot.Sighting) {
	n.book.Saw(s)
	n.Observer.Observe(s)
}
