//go:build bench

package tftp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"regain.example/cmd/internal/vbench"
)

// transfer is one file that a client took whole.
type transfer struct {
	name  string
	block int // the largest block sent
	bytes int64
	took  time.Duration // from the request to the last acknowledgement
	// asked is the options of the request, as "blksize 1468 windowsize 4".
	asked string
	// turns are the times from an acknowledgement to the next packet of the
	// server: its part of took.
	turns []time.Duration
}

// sniffer watches the TFTP transfers on the wire.
type sniffer struct {
	fd   int
	done chan struct{}

	mu    sync.Mutex
	open  map[uint16]*watched // by the client's port
	whole []transfer
}

// watched is a transfer under way.
type watched struct {
	transfer
	began time.Time
	limit int    // the block size agreed on
	last  uint16 // the block sent last
	final bool   // it is shorter than limit
	acked time.Time
}

// sniff opens the socket on the wire; it must run in the wire's namespace.
func sniff() (*sniffer, error) {
	link, err := net.InterfaceByName(vbench.Bridge)
	if err != nil {
		return nil, err
	}
	const all = unix.ETH_P_ALL<<8&0xff00 | unix.ETH_P_ALL>>8 // network order
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM, all)
	if err != nil {
		return nil, err
	}
	tick := unix.NsecToTimeval(int64(100 * time.Millisecond))
	err = errors.Join(
		unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: link.Index}),
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &tick),
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 16<<20),
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1))
	if err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	s := &sniffer{fd: fd, done: make(chan struct{}), open: map[uint16]*watched{}}
	return s, nil
}

// run reads until stop is closed.
func (s *sniffer) run(stop <-chan struct{}) {
	defer close(s.done)
	defer unix.Close(s.fd)
	packet, control := make([]byte, 64<<10), make([]byte, 128)
	for {
		select {
		case <-stop:
			return
		default:
		}
		n, c, _, _, err := unix.Recvmsg(s.fd, packet, control, 0)
		if err != nil {
			continue
		}
		s.ip(packet[:n], stamp(control[:c]))
	}
}

// stamp is when the kernel saw the packet (SO_TIMESTAMPNS, socket(7)).
func stamp(control []byte) time.Time {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil || len(messages) != 1 || len(messages[0].Data) < 16 {
		return time.Now()
	}
	d := messages[0].Data
	return time.Unix(int64(binary.NativeEndian.Uint64(d)), int64(binary.NativeEndian.Uint64(d[8:])))
}

// ip takes the UDP payload out of an IPv4 packet (RFC 791, RFC 768).
func (s *sniffer) ip(p []byte, at time.Time) {
	if len(p) < 20 || p[0]>>4 != 4 || p[9] != unix.IPPROTO_UDP {
		return
	}
	source := net.IP(p[12:16])
	p = p[int(p[0]&15)*4:]
	if len(p) < 12 {
		return
	}
	from, to := binary.BigEndian.Uint16(p), binary.BigEndian.Uint16(p[2:])
	data := p[8:min(len(p), int(binary.BigEndian.Uint16(p[4:])))]
	s.mu.Lock()
	defer s.mu.Unlock()
	if source.Equal(vbench.Address.Addr().AsSlice()) {
		if w := s.open[to]; w != nil {
			w.sent(data, at)
		}
		return
	}
	if to == 69 && len(data) > 2 && data[1] == 1 {
		name, rest, _ := bytes.Cut(data[2:], []byte{0})
		_, options, _ := bytes.Cut(rest, []byte{0})
		if w := s.open[from]; w == nil || w.name != string(name) || w.last > 0 {
			s.open[from] = &watched{transfer: transfer{
				name:  strings.TrimLeft(string(name), "/"),
				asked: strings.TrimSpace(strings.ReplaceAll(string(options), "\x00", " ")),
			}, acked: at, began: at, limit: 512}
		}
		return
	}
	w := s.open[from]
	if w != nil && data[1] == 4 {
		w.acked = at
	}
	if w != nil && w.final && data[1] == 4 && binary.BigEndian.Uint16(data[2:]) == w.last {
		w.took = at.Sub(w.began)
		s.whole = append(s.whole, w.transfer)
		delete(s.open, from)
	}
}

// sent notes a packet of the server.
func (w *watched) sent(p []byte, at time.Time) {
	if len(p) < 4 {
		return
	}
	if !w.acked.IsZero() {
		w.turns = append(w.turns, at.Sub(w.acked))
		w.acked = time.Time{}
	}
	switch block := binary.BigEndian.Uint16(p[2:]); {
	case p[1] == 6: // options acknowledged
		fields := strings.Split(strings.ToLower(string(p[2:])), "\x00")
		for i := 0; i+1 < len(fields); i += 2 {
			if fields[i] == "blksize" {
				w.limit = number(fields[i+1])
			}
		}
	case p[1] == 3 && block == w.last+1: // not a repetition
		w.last, w.final = block, len(p)-4 < w.limit
		w.bytes += int64(len(p) - 4)
		w.block = max(w.block, len(p)-4)
	}
}

// take returns the whole transfers seen since it was last called.
func (s *sniffer) take() []transfer {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.whole
	s.whole = nil
	return t
}
