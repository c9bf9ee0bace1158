package dhcp

import (
	"errors"
	"fmt"
	"iter"
	"net/netip"
)

// maxPool bounds the lease table, which has at most one entry for each address.
const maxPool = 4096

// Pool is the range of addresses that are given out, both ends included.
type Pool struct {
	First, Last netip.Addr
}

// errPool groups what is wrong with a configured pool.
var errPool = errors.New("the address pool is not usable")

// Check reports whether the pool can be served from the server's own address.
func (p Pool) Check(server netip.Prefix) error {
	switch {
	case !p.First.Is4() || !p.Last.Is4() || p.Last.Less(p.First):
		return fmt.Errorf("%w: %s to %s is not a range of IPv4 addresses", errPool, p.First, p.Last)
	case !server.Contains(p.First) || !server.Contains(p.Last):
		return fmt.Errorf("%w: %s to %s does not lie in the bench network %s", errPool, p.First, p.Last, server.Masked())
	case p.Contains(server.Addr()):
		return fmt.Errorf("%w: it contains the server's own address %s", errPool, server.Addr())
	case p.Contains(server.Masked().Addr()), p.Contains(broadcast(server)):
		return fmt.Errorf("%w: it contains the network's own or its broadcast address", errPool)
	case p.size() > maxPool:
		return fmt.Errorf("%w: it has %d addresses, at most %d are served", errPool, p.size(), maxPool)
	}
	return nil
}

// Contains reports whether addr belongs to the pool.
func (p Pool) Contains(addr netip.Addr) bool {
	return addr.Is4() && !addr.Less(p.First) && !p.Last.Less(addr)
}

func (p Pool) size() int {
	return int(number(p.Last)) - int(number(p.First)) + 1
}

func (p Pool) all() iter.Seq[netip.Addr] {
	return func(yield func(netip.Addr) bool) {
		for a := p.First; p.Contains(a); a = a.Next() {
			if !yield(a) {
				return
			}
		}
	}
}

func number(a netip.Addr) uint32 {
	b := a.As4()
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

func broadcast(p netip.Prefix) netip.Addr {
	n := number(p.Addr()) | (1<<(32-p.Bits()) - 1)
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}
