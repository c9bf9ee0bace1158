package link

import (
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
)

// ErrPin: the server holds another key than the kernel parameters name.
var ErrPin = errors.New("this is not our controller: its key is another one")

// pinned returns a TLS configuration that trusts one public key, by the SHA-256
// of its SubjectPublicKeyInfo (RFC 7469 section 2.4) in unpadded base64url, and
// nothing else. Names and dates are not looked at: the clock of a bench may be
// dead, and the key alone says who the controller is. The handshake proves that
// the server holds the key.
func pinned(pin string) (*tls.Config, error) {
	want, err := base64.RawURLEncoding.DecodeString(pin)
	if err != nil || len(want) != sha256.Size {
		return nil, fmt.Errorf("parameter regain.pin: %q is not a SHA-256 in base64url", pin)
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		// The verification below takes the place of the usual one.
		InsecureSkipVerify: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			return checkPin(s.PeerCertificates, want)
		},
	}, nil
}

func checkPin(chain []*x509.Certificate, want []byte) error {
	if len(chain) == 0 {
		return ErrPin
	}
	got := sha256.Sum256(chain[0].RawSubjectPublicKeyInfo)
	if subtle.ConstantTimeCompare(got[:], want) != 1 {
		return ErrPin
	}
	return nil
}
