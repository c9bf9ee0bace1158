// Package chain chooses each machine's way from its firmware to the agent: from
// what the firmware says of itself, and from what came of the last attempt.
//
// A machine that was never seen is sent the chain that works with Secure Boot on
// and off. If its loader does not start, the next attempt goes by another chain,
// and so on in turn; the one that led to the agent is kept. What a machine boots
// there (the agent, its own disk, nothing) makes no difference.
package chain

import (
	"container/list"
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"regain.example/boot"
	"regain.example/boot/internal/durable"
)

const (
	// maxMachines bounds the book; the machine that was seen the longest time
	// ago gives way. It has to outlast a stranger's flood of made-up addresses,
	// each of which needs a lease first.
	maxMachines = 4096
	// saveDelay gathers what happens to many machines into one write. What is
	// lost in a crash is one attempt's experience.
	saveDelay = 5 * time.Second
)

// Book remembers what came of each machine's attempts.
type Book struct {
	file string
	dirt chan struct{}

	ipxeFirst bool // see IPXEFirst

	mu      sync.Mutex
	order   *list.List // of *machine, the one seen last at the end
	entries map[string]*list.Element
}

// Open reads the book in file, which need not exist. A directory for it must.
func Open(file string) (*Book, error) {
	b := &Book{file: file, dirt: make(chan struct{}, 1), order: list.New(), entries: map[string]*list.Element{}}
	data, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return b, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the boot chains: %w", err)
	}
	machines, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("read the boot chains in %s: %w; remove the file, and they are learned anew", file, err)
	}
	for _, m := range machines {
		b.entries[m.MAC] = b.order.PushBack(&m)
	}
	return b, nil
}

// Choose returns the chain for c. It is the same for every question of one
// attempt.
func (b *Book) Choose(c boot.Client) boot.Chain {
	w := wayOf(c)
	b.mu.Lock()
	defer b.mu.Unlock()
	var last *attempt
	if e := b.entries[c.MAC.String()]; e != nil {
		last = e.Value.(*machine).Attempts[w]
	}
	if last == nil && w == wayPXE && b.ipxeFirst {
		return boot.ChainIPXE
	}
	return next(w, last)
}

// IPXEFirst has machines that were never seen try iPXE before shim, where they
// have the choice by PXE. It is called before the book is used. Beside another
// DHCP server shim comes to nothing, unless that server names this one as its next
// server: GRUB 2.06 looks for its configuration where the server that gave the
// address says, and not where the proxy does (grub-core/net/drivers/efi/efinet.c
// hands it the firmware's DhcpAck only).
func (b *Book) IPXEFirst() { b.ipxeFirst = true }

// Keep writes the book to its file whenever something is new in it, until ctx
// ends. A write that fails is logged: machines boot all the same.
func (b *Book) Keep(ctx context.Context, log *slog.Logger) {
	for {
		select {
		case <-b.dirt:
		case <-ctx.Done():
			return
		}
		select {
		case <-time.After(saveDelay):
		case <-ctx.Done():
		}
		b.save(log)
	}
}

func (b *Book) save(log *slog.Logger) {
	data, err := b.marshal()
	if err == nil {
		err = durable.Replace(b.file, data)
	}
	if err != nil {
		log.Error("boot chains not saved", "err", err)
	}
}
