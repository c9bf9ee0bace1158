// Package token makes and checks the token of a boot. It is stateless: an
// expiring MAC over what the boot server was told, so that a machine which never
// registers costs no write. It is safe in a URL and on a kernel command line.
//
// The form is unpadded base64url of: version (1 byte, 1), the client's address
// (6), its UUID (16, zeros if not told), time of issue (8, big-endian, Unix
// seconds), a random number (8), and HMAC-SHA256 of these (32).
package token

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"regain.example/agent/api"
	"regain.example/imager/identity"
)

const (
	version    = 1
	bodyLen    = 1 + 6 + 16 + 8 + 8
	tokenLen   = bodyLen + sha256.Size
	macAt      = 1
	uuidAt     = 7
	issuedAt   = 23
	randomAt   = 31
	clockSlack = time.Minute
)

// What is wrong with a token.
var (
	ErrForged  = errors.New("the token is not one of this controller's")
	ErrExpired = errors.New("the token of this boot has expired: restart the machine")
	ErrMachine = errors.New("the token was made for another machine")
)

// Boot is what a token says.
type Boot struct {
	MAC    net.HardwareAddr
	UUID   identity.UUID // zero if not told
	Issued time.Time
}

// Issuer makes and checks tokens.
type Issuer struct {
	key []byte
	now func() time.Time
}

// New returns an issuer with a key of at least 32 bytes.
func New(key []byte, now func() time.Time) (*Issuer, error) {
	if len(key) < 32 {
		return nil, fmt.Errorf("token key: %d bytes are too few, 32 are needed", len(key))
	}
	return &Issuer{key: derive(key), now: now}, nil
}

// derive keeps this package's MACs apart from other uses of the same secret.
func derive(key []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("regain boot token 1"))
	return h.Sum(nil)
}

// Issue makes a token for a client that gave this address and, if it did, this
// UUID in text form; nonsense counts as not told.
func (i *Issuer) Issue(mac, uuid string) (string, error) {
	hw, err := net.ParseMAC(mac)
	if err != nil || len(hw) != 6 {
		return "", fmt.Errorf("issue token: %q is not an Ethernet address", mac)
	}
	b := make([]byte, bodyLen, tokenLen)
	b[0] = version
	copy(b[macAt:], hw)
	if u, ok := identity.ParseUUID(uuid); ok {
		copy(b[uuidAt:], u[:])
	}
	binary.BigEndian.PutUint64(b[issuedAt:], uint64(i.now().Unix()))
	rand.Read(b[randomAt:]) // never fails, by its documentation
	return base64.RawURLEncoding.EncodeToString(i.seal(b)), nil
}

func (i *Issuer) seal(body []byte) []byte {
	h := hmac.New(sha256.New, i.key)
	h.Write(body)
	return h.Sum(body)
}

// Open reads a token that was issued at most life ago. Errors wrap ErrForged or
// ErrExpired.
func (i *Issuer) Open(token string, life time.Duration) (Boot, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	// The decoder passes over line breaks; a token has one form only, since it
	// is known again by its hash.
	if err != nil || len(b) != tokenLen || b[0] != version || base64.RawURLEncoding.EncodeToString(b) != token {
		return Boot{}, ErrForged
	}
	if !hmac.Equal(i.seal(b[:bodyLen:bodyLen]), b) {
		return Boot{}, ErrForged
	}
	boot := Boot{
		MAC:    net.HardwareAddr(b[macAt:uuidAt:uuidAt]),
		UUID:   identity.UUID(b[uuidAt:issuedAt]),
		Issued: time.Unix(int64(binary.BigEndian.Uint64(b[issuedAt:randomAt])), 0).UTC(),
	}
	if age := i.now().Sub(boot.Issued); age > life || age < -clockSlack {
		return Boot{}, ErrExpired
	}
	return boot, nil
}

// Check says whether a token opened as b belongs to the machine of inv: the
// address is that of an interface through which it booted, and the UUID is the
// machine's in either byte order, where both tell one. Errors wrap ErrMachine.
func (b Boot) Check(inv api.Inventory) error {
	if !b.bootedThrough(inv.NICs) {
		return fmt.Errorf("%w: this one did not boot through %s", ErrMachine, b.MAC)
	}
	told, ok := identity.ParseUUID(inv.System.UUID)
	if !ok || b.UUID == (identity.UUID{}) || told == (identity.UUID{}) {
		return nil
	}
	if !told.Same(b.UUID) {
		return fmt.Errorf("%w: its firmware told another UUID", ErrMachine)
	}
	return nil
}

func (b Boot) bootedThrough(nics []api.NIC) bool {
	for _, n := range nics {
		if n.Boot && strings.EqualFold(n.MAC, b.MAC.String()) {
			return true
		}
	}
	return false
}
