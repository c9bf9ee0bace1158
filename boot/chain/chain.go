// Package chain chooses each machine's way from its firmware to the agent: from
// what the firmware says of itself, and from what came of the last attempt.
package chain

import "regain.example/boot"

// Book remembers what came of each machine's attempts.
type Book struct{}

// Open reads the book in file, which need not exist.
func Open(file string) (*Book, error) { return &Book{}, nil }

// Choose returns the chain for c.
func (b *Book) Choose(c boot.Client) boot.Chain { return boot.ChainIPXE }

// Saw takes note of what a machine did.
func (b *Book) Saw(s boot.Sighting) {}
