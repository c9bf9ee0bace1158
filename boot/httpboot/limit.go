package httpboot

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"regain.example/boot"
	"regain.example/boot/internal/quiet"
)

// The bounds of the connections that machines may hold open. The agent fetches
// frames over up to 16 connections at once.
const (
	maxConns     = 1024
	maxPerClient = 32
)

// Limit closes connections at once that exceed one machine's share or the
// total, so that one machine cannot shut the others out. They are counted as
// "refused".
func Limit(l net.Listener, m boot.Meter, log *slog.Logger) net.Listener {
	return &limiter{Listener: l, meter: m, log: quiet.New(log, time.Now), open: map[netip.Addr]int{}}
}

type limiter struct {
	net.Listener
	meter boot.Meter
	log   *quiet.Log

	mu    sync.Mutex
	total int
	open  map[netip.Addr]int
}

// Accept implements net.Listener.
func (l *limiter) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from := addrOf(c)
		if l.take(from) {
			return &conn{Conn: c, free: sync.OnceFunc(func() { l.free(from) })}, nil
		}
		l.meter.HTTP("refused", http.StatusServiceUnavailable, 0)
		c.Close()
		l.log.Log(slog.LevelWarn, "connections", "too many connections from the bench; look for a machine that keeps opening them", "client", from.String(), "port", port(l.Addr()))
	}
}

func port(a net.Addr) int {
	if tcp, ok := a.(*net.TCPAddr); ok {
		return tcp.Port
	}
	return 0
}

func (l *limiter) take(from netip.Addr) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.total >= maxConns || l.open[from] >= maxPerClient {
		return false
	}
	l.total++
	l.open[from]++
	return true
}

func (l *limiter) free(from netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total--
	if l.open[from]--; l.open[from] == 0 {
		delete(l.open, from)
	}
}

func addrOf(c net.Conn) netip.Addr {
	if a, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		return a.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}

type conn struct {
	net.Conn
	free func()
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.free()
	return c.Conn.Close()
}

// ReadFrom keeps the way to sendfile(2) open, which a plain wrapper would close.
func (c *conn) ReadFrom(r io.Reader) (int64, error) { return io.Copy(c.Conn, r) }
