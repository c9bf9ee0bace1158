// Package tlskey keeps the controller's TLS keys: ECDSA P-256 with a self-signed
// certificate, known to its peers by the pin of the public key.
package tlskey

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"time"

	"regain.example/imager/durable"
)

// The certificate's dates say nothing: its key is pinned, and the clocks of
// benches may be dead.
func validity() (from, to time.Time) {
	return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
}

// Open reads the key and certificate in file (PEM, both), or creates them with
// mode 0600 if there is no such file. names are host names or IP addresses.
func Open(file string, names ...string) (tls.Certificate, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		if text, err = create(names); err == nil {
			err = durable.Write(file, text)
		}
	}
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("TLS key: %w", err)
	}
	c, err := tls.X509KeyPair(text, text)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("TLS key %s: %w: move it away to have a new one made", file, err)
	}
	return c, nil
}

// Pin is the SHA-256 of the certificate's SubjectPublicKeyInfo (RFC 7469
// section 2.4) in unpadded base64url.
func Pin(c tls.Certificate) (string, error) {
	if len(c.Certificate) == 0 {
		return "", errors.New("pin: no certificate")
	}
	leaf, err := x509.ParseCertificate(c.Certificate[0])
	if err != nil {
		return "", fmt.Errorf("pin: %w", err)
	}
	sum := sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
	return base64.RawURLEncoding.EncodeToString(sum[:]), nil
}

func create(names []string) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	from, to := validity()
	form := &x509.Certificate{
		SerialNumber: serial.Add(serial, big.NewInt(1)), NotBefore: from, NotAfter: to,
		Subject:               pkix.Name{CommonName: "Regain"},
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			form.IPAddresses = append(form.IPAddresses, ip)
			continue
		}
		form.DNSNames = append(form.DNSNames, n)
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...), nil
}
