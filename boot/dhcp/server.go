// Package dhcp gives addresses and boot files to the machines on one network
// interface.
//
// Server is the network's only DHCP server and behaves so (authoritative, RFC
// 2131 section 4.3.2): a machine that asks for an address of some other network
// is told no at once and asks anew. It steps back while Watch sees another
// server. Proxy leaves the addresses to the site's server and adds what machines
// boot (PXE 2.1 section 2.2).
//
// Replies to clients without an address are broadcast, even if the client left
// the broadcast flag clear. RFC 2131 section 4.1 permits that where the server
// cannot unicast, and a plain UDP socket cannot: the client does not answer ARP
// yet. Every client takes a broadcast; some PXE ROMs take nothing else. On an
// isolated bench the extra frames disturb nobody.
package dhcp

import (
	"context"
	"log/slog"
	"net"
	"time"

	"regain.example/boot"
)

// The ports of RFC 2131 section 4.1 and of PXE 2.1 section 2.2.
const (
	ServerPort = 67
	ClientPort = 68
	BootPort   = 4011
)

// decideTime bounds the question to the Decider: firmware waits for seconds only.
const decideTime = 2 * time.Second

// Chooser chooses the way of a machine; chain.Book does.
type Chooser interface {
	Choose(c boot.Client) boot.Chain
}

// Needs are the neighbours of a Server or a Proxy. All are required, except that
// a Proxy gives no addresses and needs neither Prober nor Watch.
type Needs struct {
	Decider  boot.Decider
	Chooser  Chooser
	Observer boot.Observer
	Meter    boot.Meter
	// Prober finds out whether an address is in use before it is given.
	Prober Prober
	// Watch tells of other servers; who makes it runs it.
	Watch *Watch
	Now   func() time.Time
	Log   *slog.Logger
}

// Server gives addresses.
type Server struct {
	answerer
	table     *Table
	check     *checker
	watch     *Watch
	strangers *bucket
}

// How many machines that were never met may ask for an address in a second, and
// at once. Forty benches that are switched on together are a long way below.
const (
	strangersRate  = 100
	strangersBurst = 200
)

// New returns a server that gives out the addresses of table.
func New(c Config, t *Table, n Needs) *Server {
	return &Server{
		answerer: newAnswerer(c, n), table: t,
		check: newChecker(n.Prober, n.Now), watch: n.Watch,
		strangers: newBucket(strangersRate, strangersBurst, n.Now),
	}
}

// Serve answers the requests that come in on conn until ctx ends. It closes conn.
func (s *Server) Serve(ctx context.Context, conn net.PacketConn) error {
	return s.serve(ctx, conn, s.handle)
}
