package account

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Params are the costs of argon2id (RFC 9106).
type Params struct {
	Time      uint32 // passes
	MemoryKiB uint32
	Threads   uint8
}

// DefaultParams is well above OWASP's least for argon2id (19 MiB, 2 passes, 1
// lane; Password Storage Cheat Sheet) and has the memory and passes of RFC 9106
// section 4's second recommendation, with one lane, since the appliance has few
// cores and an erasing bench to serve.
func DefaultParams() Params { return Params{Time: 3, MemoryKiB: 64 << 10, Threads: 1} }

const (
	saltBytes = 16
	keyBytes  = 32
)

// errHash is returned for a stored hash that is not of the form that Hash writes.
var errHash = errors.New("stored password hash is damaged")

// Hash returns the PHC string of a password:
// $argon2id$v=19$m=65536,t=3,p=1$SALT$KEY, both in unpadded base64.
func (p Params) Hash(password string) string {
	salt := make([]byte, saltBytes)
	rand.Read(salt) // never fails, see crypto/rand
	return p.encode(salt, p.key(password, salt))
}

func (p Params) key(password string, salt []byte) []byte {
	return argon2.IDKey([]byte(password), salt, p.Time, p.MemoryKiB, p.Threads, keyBytes)
}

func (p Params) encode(salt, key []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.MemoryKiB, p.Time, p.Threads, b64(salt), b64(key))
}

// verify reports whether password is the one that was hashed into phc, with the
// costs that stand there.
func verify(phc, password string) (bool, error) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return false, errHash
	}
	var p Params
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.MemoryKiB, &p.Time, &p.Threads); err != nil {
		return false, fmt.Errorf("%w: %w", errHash, err)
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, fmt.Errorf("%w: %w", errHash, err)
	}
	key, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		return false, fmt.Errorf("%w: %w", errHash, err)
	}
	if p.Time == 0 || p.Threads == 0 || len(key) != keyBytes {
		return false, errHash
	}
	return subtle.ConstantTimeCompare(p.key(password, salt), key) == 1, nil
}
