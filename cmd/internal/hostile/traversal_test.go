package hostile

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"regain.example/boot"
)

// secret stands in every file that must not be had.
const secret = "nobody on the bench may read this"

// ways are names for files outside the boot directory, or in it and not served.
func ways(dir string) []string {
	up := strings.Repeat("../", 12)
	all := []string{
		"secret", "unlisted", ".", "..", "/", "", "../secret", "..\\secret", "/../secret", "//../secret", "....//secret", "./../secret",
		up + "etc/passwd", "/etc/passwd", "\\etc\\passwd", up + strings.TrimPrefix(dir, "/") + "/secret", dir + "/secret", dir + "/state/regain.db",
		"%2e%2e/secret", "%2e%2e%2fsecret", "..%2fsecret", "..%5csecret", "%252e%252e%252fsecret", "..%00/secret", "..;/secret", "%c0%ae%c0%ae/secret",
		"vmlinuz/../../secret", "vmlinuz%00/../../secret", "link", "grub/../../secret", "C:/secret", "~root/.profile", "state/metrics-token",
	}
	return all
}

// TestNothingElseIsRead tries every way by TFTP, by HTTP and by the agents' HTTPS.
func TestNothingElseIsRead(t *testing.T) {
	s := newSite(t)
	check(t, os.WriteFile(filepath.Join(s.dir, "secret"), []byte(secret), 0o644))
	check(t, os.WriteFile(filepath.Join(s.dir, "boot", "unlisted"), []byte(secret), 0o644))
	check(t, os.Symlink("../secret", filepath.Join(s.dir, "boot", "link")))
	check(t, s.badAddress(t.Context()))
	if _, err := s.badMachine.tftp(t.Context(), boot.FileUEFI); err != nil {
		t.Fatalf("what is served: %v", err)
	}
	for _, name := range append(ways(s.dir), boot.FileUEFI+"\x00../secret", "x\x00y") {
		if got, err := s.badMachine.tftp(t.Context(), name); err == nil && string(got) != string(s.files[boot.FileUEFI]) {
			t.Errorf("TFTP %q: %.60q", name, got)
		}
	}
	client := s.badMachine.http
	for port, places := range map[string][]string{
		"80":   {"/", "/boot/", "/images/", "/images/x/", "/agent/v1/"},
		"8443": {"/"}, // more would be refused for their number
	} {
		for _, below := range places {
			for _, name := range ways(s.dir) {
				status, body := s.raw(t, port, "GET "+below+name+" HTTP/1.1")
				if strings.Contains(body, secret) || strings.Contains(body, "root:") || status == 200 {
					t.Errorf("port %s, GET %s%s: %d %.60q", port, below, name, status, body)
				}
			}
		}
	}
	resp, err := client.Get("http://" + server(80).String() + "/boot/" + boot.FileUEFI)
	if err != nil || resp.StatusCode != 200 {
		t.Errorf("what is served: %v, %v", resp, err)
	} else {
		resp.Body.Close()
	}
	s.stop(t)
}

// raw sends a request line as it is; Go's client would clean the path.
func (s *site) raw(t *testing.T, port, line string) (int, string) {
	t.Helper()
	p, err := netip.ParseAddrPort(server(0).Addr().String() + ":" + port)
	check(t, err)
	transport := s.badMachine.http.Transport.(*http.Transport)
	conn, err := transport.DialContext(t.Context(), "tcp4", p.String())
	check(t, err)
	defer conn.Close()
	if port == "8443" {
		conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
	}
	conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := fmt.Fprintf(conn, "%s\r\nHost: x\r\nConnection: close\r\n\r\n", line); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	check(t, err)
	return resp.StatusCode, string(body)
}
