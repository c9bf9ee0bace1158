package tftp

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"regain.example/boot/bind"
	"regain.example/boot/internal/benchnet"
	"regain.example/boot/internal/boottest"
	"regain.example/boot/internal/quiet"
)

// lines counts what is logged.
type lines struct{ atomic.Int64 }

func (l *lines) Write(p []byte) (int, error) {
	l.Add(1)
	return len(p), nil
}

// The hosts at the bench's end of the wire.
var (
	honest   = netip.MustParseAddr("10.77.0.50")
	hostile  = netip.MustParseAddr("10.77.0.66")
	stranger = netip.MustParseAddr("10.77.0.99") // without a lease
)

// onWire starts a server that serves content as "x" on the bench's wire.
func onWire(t *testing.T, content []byte) (n *benchnet.Net, s *Server, seen *boottest.Recorder, logged *lines) {
	n = benchnet.New(t)
	for _, a := range []netip.Addr{honest, hostile, stranger} {
		n.Address(netip.PrefixFrom(a, 24))
	}
	listen := func(port uint16) (*net.UDPConn, error) {
		return bind.UDP(benchnet.Bench, netip.AddrPortFrom(benchnet.BenchAddr().Addr(), port))
	}
	conn, err := listen(Port)
	if err != nil {
		t.Fatal(err)
	}
	seen, logged = &boottest.Recorder{}, &lines{}
	s = New(func() (*net.UDPConn, error) { return listen(0) }, &one{content: content},
		boottest.Machines{honest: {}, hostile: {}}, seen, slog.New(slog.NewTextHandler(logged, nil)))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, conn) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return n, s, seen, logged
}

// socketAt opens a socket of the host a.
func socketAt(t *testing.T, n *benchnet.Net, a netip.Addr) *net.UDPConn {
	t.Helper()
	var conn *net.UDPConn
	var err error
	n.AtBench(func() { conn, err = net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(a, 0))) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

var service = netip.AddrPortFrom(benchnet.BenchAddr().Addr(), Port)

// take takes "x" as firmware does, and asks again when its request was lost.
func take(conn *net.UDPConn) ([]byte, error) {
	ask := []byte("\x00\x01x\x00octet\x00blksize\x001468\x00")
	conn.WriteToUDPAddrPort(ask, service)
	var got []byte
	buf := make([]byte, 2000)
	for next, tries := uint16(1), 0; tries < 10; {
		conn.SetReadDeadline(time.Now().Add(time.Second))
		size, server, err := conn.ReadFromUDPAddrPort(buf)
		switch {
		case err != nil && next == 1:
			tries++
			conn.WriteToUDPAddrPort(ask, service)
		case err != nil:
			tries++
		case buf[1] == opError:
			return got, fmt.Errorf("error packet %q", buf[4:size])
		case buf[1] == opOAck:
			conn.WriteToUDPAddrPort([]byte{0, opAck, 0, 0}, server)
		case binary.BigEndian.Uint16(buf[2:]) == next:
			tries, next = 0, next+1
			got = append(got, buf[4:size]...)
			conn.WriteToUDPAddrPort([]byte{0, opAck, buf[2], buf[3]}, server)
			if size < 1472 {
				return got, nil
			}
		}
	}
	return got, fmt.Errorf("no answer after %d bytes", len(got))
}

// TestHostileBench has one bench send requests that lead nowhere, requests that no
// parser likes, acknowledgements of everything, and requests of an address without
// a lease, thousands of each, while another machine's transfers go on.
func TestHostileBench(t *testing.T) {
	content := bytes.Repeat([]byte("Regain"), 50_000)
	n, s, seen, logged := onWire(t, content)
	before := runtime.NumGoroutine()
	stop := make(chan struct{})
	var floods sync.WaitGroup
	flood := func(send func(round int)) {
		floods.Go(func() {
			for round := 0; ; round++ {
				select {
				case <-stop:
					return
				default:
					send(round)
					time.Sleep(50 * time.Microsecond)
				}
			}
		})
	}
	var ports []*net.UDPConn
	for range 500 {
		ports = append(ports, socketAt(t, n, hostile))
	}
	nonsense := [][]byte{
		[]byte("\x00\x01../../etc/passwd\x00octet\x00"), []byte("\x00\x01x\x00octet\x00blksize\x0099999999999999999999\x00"),
		[]byte("\x00\x01" + strings.Repeat("x", 1400) + "\x00octet\x00"), []byte("\x00\x01x\x00octet\x00" + strings.Repeat("a\x00b\x00", 110)),
		[]byte("\x00\x02x\x00octet\x00"), {0, opAck, 0, 1}, {0, opError, 0, 0, 'x'}, {0, 1}, {}, bytes.Repeat([]byte{0}, 1400),
	}
	unheard := socketAt(t, n, stranger)
	flood(func(r int) {
		ports[r%len(ports)].WriteToUDPAddrPort([]byte("\x00\x01x\x00octet\x00windowsize\x0065535\x00"), service)
	})
	flood(func(r int) { ports[r%len(ports)].WriteToUDPAddrPort(nonsense[r%len(nonsense)], service) })
	flood(func(int) { unheard.WriteToUDPAddrPort([]byte("\x00\x01x\x00octet\x00"), service) })
	floods.Go(func() { // acknowledges what it is sent, in numbers and out of order
		buf := make([]byte, 2000)
		for {
			select {
			case <-stop:
				return
			default:
			}
			ports[0].SetReadDeadline(time.Now().Add(100 * time.Millisecond))
			if _, server, err := ports[0].ReadFromUDPAddrPort(buf); err == nil {
				for k := range 64 {
					ports[0].WriteToUDPAddrPort([]byte{0, opAck, buf[2], buf[3] + byte(k)}, server)
				}
			}
		}
	})

	refused := func() (n int) {
		for _, c := range seen.Counts() {
			if c == "tftp refused 0" {
				n++
			}
		}
		return n
	}
	most := 0
	for end := time.Now().Add(30 * time.Second); refused() < 2000 && time.Now().Before(end); {
		got, err := take(socketAt(t, n, honest))
		if err != nil || !bytes.Equal(got, content) {
			t.Fatalf("the other machine got %d bytes of %d: %v", len(got), len(content), err)
		}
		s.slots.mu.Lock()
		most = max(most, s.slots.count(func(h *slot) bool { return h.from.Addr() == hostile }))
		s.slots.mu.Unlock()
		time.Sleep(50 * time.Millisecond)
	}
	close(stop)
	floods.Wait()
	if most == 0 || most > maxPerClient {
		t.Errorf("the hostile bench had %d transfers under way, want 1 to %d", most, maxPerClient)
	}
	if n := refused(); n < 2000 {
		t.Errorf("%d requests were refused and counted, want thousands", n)
	}
	if !slices.Contains(seen.Counts(), fmt.Sprintf("tftp ok %d", len(content))) {
		t.Error("the other machine's transfer is not counted")
	}
	// Three subjects: the machines, and all strangers together.
	if most := int64(3*quiet.Burst + 100); logged.Load() > most {
		t.Errorf("%d lines were logged, want %d at most", logged.Load(), most)
	}
	for end := time.Now().Add(patience + 2*longest); runtime.NumGoroutine() > before && time.Now().Before(end); {
		time.Sleep(50 * time.Millisecond)
	}
	if now := runtime.NumGoroutine(); now > before {
		t.Errorf("%d goroutines are left, %d before", now, before)
	}
}
