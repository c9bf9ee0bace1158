package tlskey

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

func TestKeyStaysTheSame(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bench.pem")
	first, err := Open(file, "10.77.0.1", "regain.test")
	if err != nil {
		t.Fatal(err)
	}
	second, err := Open(file, "other")
	if err != nil {
		t.Fatal(err)
	}
	a, errA := Pin(first)
	b, errB := Pin(second)
	if a != b || len(a) != 43 || errA != nil || errB != nil {
		t.Errorf("pins %q and %q, %v, %v", a, b, errA, errB)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key is readable: %v, %v", info.Mode(), err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(file), ".tlskey-*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestPinnedHandshake serves with the key, and checks it as a client of RFC 7469
// would: by the SubjectPublicKeyInfo that came over the wire.
func TestPinnedHandshake(t *testing.T) {
	cert, err := Open(filepath.Join(t.TempDir(), "k.pem"), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	want, err := Pin(cert)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	server.StartTLS()
	defer server.Close()
	roots := x509.NewCertPool()
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	roots.AddCert(leaf)
	conn, err := tls.Dial("tcp", server.Listener.Addr().String(), &tls.Config{RootCAs: roots, ServerName: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	sum := sha256.Sum256(conn.ConnectionState().PeerCertificates[0].RawSubjectPublicKeyInfo)
	if got := base64.RawURLEncoding.EncodeToString(sum[:]); got != want {
		t.Errorf("pin over the wire %s, want %s", got, want)
	}
}

func TestTroubles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "k.pem")
	if err := os.WriteFile(file, []byte("not PEM"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file); err == nil {
		t.Error("a broken key file was taken")
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none", "k.pem")); err == nil {
		t.Error("a key was made in no directory")
	}
	if _, err := Pin(tls.Certificate{}); err == nil {
		t.Error("a pin of no certificate")
	}
}
