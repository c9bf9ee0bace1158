package tftp

import (
	"errors"
	"strconv"
	"strings"
)

// The operation codes (RFC 1350 section 5, RFC 2347).
const (
	opRead  = 1
	opData  = 3
	opAck   = 4
	opError = 5
	opOAck  = 6
)

const (
	// minBlock is the library's least; RFC 2348's is 8, which no firmware
	// asks for.
	minBlock = 512
	// maxBlock is the largest block that fits Ethernet's frame of 1500 bytes:
	// 20 for IP, 8 for UDP, 4 for TFTP. Firmware does not put fragments
	// together.
	maxBlock = 1468
	// maxWindow is the largest window that is agreed to, in blocks.
	maxWindow = 16
)

// request is a read request, with those of its options that are served.
type request struct {
	name string
	// block is the block size in bytes; 0 if the client named none.
	block int
	// window is the window in blocks; 0 if the client named none, or one of a
	// single block.
	window int
	// size is whether the file's size is asked for.
	size bool
}

var (
	errNotRead = errors.New("not a read request")
	errMode    = errors.New("only mode octet is served")
	errLong    = errors.New("the request is longer than 512 bytes")
)

// maxRequest is RFC 2347's.
const maxRequest = 512

// parse reads a read request. Options that are unknown or out of range are left
// out, and so unacknowledged, as RFC 2347 has it.
func parse(packet []byte) (request, error) {
	if len(packet) > maxRequest {
		return request{}, errLong
	}
	if len(packet) < 2 || packet[0] != 0 || packet[1] != opRead {
		return request{}, errNotRead
	}
	fields := strings.Split(string(packet[2:]), "\x00")
	fields = fields[:len(fields)-1] // what follows the last zero
	if len(fields) < 2 {
		return request{}, errNotRead
	}
	if !strings.EqualFold(fields[1], "octet") {
		return request{}, errMode
	}
	r := request{name: fields[0]}
	for i := 2; i+1 < len(fields); i += 2 {
		r.option(strings.ToLower(fields[i]), fields[i+1])
	}
	return r, nil
}

func (r *request) option(name, value string) {
	n, err := strconv.Atoi(value)
	switch {
	case err != nil:
	case name == "blksize" && r.block == 0 && n >= minBlock && n <= 65464: // RFC 2348
		r.block = min(n, maxBlock)
	case name == "windowsize" && r.window == 0 && n > 1 && n <= 65535: // RFC 7440
		r.window = min(n, maxWindow)
	case name == "tsize" && n == 0: // RFC 2349
		r.size = true
	}
}

// packet is the request as the library is to see it: it echoes a tsize that is
// not 0, knows option names in lower case only, and serves netascii. Of
// windows the library knows nothing; a request for nothing else asks it for RFC
// 1350's block size, so that it acknowledges options at all.
func (r request) packet() []byte {
	p := "\x00\x01" + r.name + "\x00octet\x00"
	if r.onlyWindow() {
		r.block = minBlock
	}
	if r.block != 0 {
		p += "blksize\x00" + strconv.Itoa(r.block) + "\x00"
	}
	if r.size {
		p += "tsize\x000\x00"
	}
	return []byte(p)
}

func (r request) onlyWindow() bool { return r.window != 0 && r.block == 0 && !r.size }
