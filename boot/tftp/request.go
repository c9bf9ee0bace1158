package tftp

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"time"
)

// The operation codes (RFC 1350 section 5, RFC 2347).
const (
	opRead  = 1
	opData  = 3
	opAck   = 4
	opError = 5
	opOAck  = 6
)

// The error codes of RFC 1350's appendix that are sent.
const (
	codeUndefined = 0
	codeNotFound  = 1
	codeAccess    = 2
)

const (
	// defaultBlock is RFC 1350's block, for clients that name none.
	defaultBlock = 512
	// minBlock is RFC 2348's least.
	minBlock = 8
	// maxBlock is the largest block that fits Ethernet's frame of 1500 bytes:
	// 20 for IP, 8 for UDP, 4 for TFTP. Firmware does not put fragments
	// together.
	maxBlock = 1468
)

// request is a read request.
type request struct {
	name string
	// block is the block size in bytes, never more than maxBlock.
	block int
	// retry is how long an answer is awaited.
	retry time.Duration
	// accepted are the options to acknowledge, in the client's order, without
	// tsize's value, which the file decides.
	accepted []option
}

type option struct{ name, value string }

var (
	errNotRead = errors.New("not a read request")
	errMode    = errors.New("only mode octet is served")
)

// parse reads a read request. Options that are unknown or out of range are left
// unacknowledged, as RFC 2347 has it.
func parse(packet []byte) (request, error) {
	if len(packet) < 2 || packet[0] != 0 || packet[1] != opRead {
		return request{}, errNotRead
	}
	fields, rest := strings.Split(string(packet[2:]), "\x00"), 0
	if rest = len(fields) - 1; rest < 2 { // the last is what follows the last zero
		return request{}, errNotRead
	}
	if !strings.EqualFold(fields[1], "octet") {
		return request{}, errMode
	}
	r := request{name: fields[0], block: defaultBlock, retry: defaultRetry}
	for i := 2; i+1 < rest; i += 2 {
		r.option(strings.ToLower(fields[i]), fields[i+1])
	}
	return r, nil
}

func (r *request) option(name, value string) {
	n, err := strconv.Atoi(value)
	if err != nil || r.has(name) {
		return
	}
	switch {
	case name == "blksize" && n >= minBlock && n <= 65464: // RFC 2348
		r.block = min(n, maxBlock)
		r.accepted = append(r.accepted, option{name, strconv.Itoa(r.block)})
	case name == "timeout" && n >= 1 && n <= 255: // RFC 2349, in seconds
		r.retry = min(time.Duration(n)*time.Second, maxRetry)
		if r.retry == time.Duration(n)*time.Second {
			r.accepted = append(r.accepted, option{name, value})
		}
	case name == "tsize" && n == 0: // RFC 2349
		r.accepted = append(r.accepted, option{name: name})
	}
}

func (r *request) has(name string) bool {
	for _, o := range r.accepted {
		if o.name == name {
			return true
		}
	}
	return false
}

// acknowledgement returns the option acknowledgement (RFC 2347), or nil if there
// is nothing to acknowledge.
func (r *request) acknowledgement(size int64) []byte {
	if len(r.accepted) == 0 {
		return nil
	}
	b := bytes.NewBuffer([]byte{0, opOAck})
	for _, o := range r.accepted {
		if o.name == "tsize" {
			o.value = strconv.FormatInt(size, 10)
		}
		b.WriteString(o.name + "\x00" + o.value + "\x00")
	}
	return b.Bytes()
}
