package enrol

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
)

// Pin connects to the controller at base and returns the pin of the key that it
// shows (the form of cmdline.Params.Pin). Nobody vouches for that key yet: it goes
// into the proofs, and both sides compare it by them.
func Pin(ctx context.Context, base string) (string, error) {
	u, err := url.Parse(base)
	if err != nil {
		return "", err
	}
	host := u.Host
	if u.Port() == "" {
		host = net.JoinHostPort(u.Hostname(), "443")
	}
	d := tls.Dialer{Config: &tls.Config{
		MinVersion: tls.VersionTLS13,
		// The code on the screen takes the place of a certificate's chain.
		InsecureSkipVerify: true,
	}}
	conn, err := d.DialContext(ctx, "tcp", host)
	if err != nil {
		return "", fmt.Errorf("connect to the controller: %w", err)
	}
	defer conn.Close()
	chain := conn.(*tls.Conn).ConnectionState().PeerCertificates
	if len(chain) == 0 {
		return "", errors.New("connect to the controller: it shows no key")
	}
	sum := sha256.Sum256(chain[0].RawSubjectPublicKeyInfo)
	return base64.RawURLEncoding.EncodeToString(sum[:]), nil
}
