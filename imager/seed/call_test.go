package seed_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"regain.example/imager/seed"
)

// curl, told by the seed's own file, reaches the controller with the pinned key and
// no other, whatever the names in its certificate are.
func TestCallIsPinned(t *testing.T) {
	var got string
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Method + " " + r.URL.Path
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	sum := sha256.Sum256(server.Certificate().RawSubjectPublicKeyInfo)
	other := sha256.Sum256([]byte("another key"))

	call := func(pin [32]byte) (status string, err error) {
		t.Helper()
		p := params()
		p.CallHomeURL = server.URL + "/first-boot/v1"
		p.Pin = base64.RawURLEncoding.EncodeToString(pin[:])
		files, err := seed.Render(p)
		if err != nil {
			t.Fatal(err)
		}
		// The options are those of first-boot.sh.
		cmd := exec.Command("curl", "--config", "-", "--silent", "--noproxy", "*", "--max-time", "20",
			"--output", "/dev/null", "--write-out", "%{http_code}", "--data", "{}")
		cmd.Stdin = bytes.NewReader(files["callhome"])
		cmd.WaitDelay = time.Second
		out, err := cmd.Output()
		return string(out), err
	}

	if status, err := call(sum); err != nil || status != "204" || got != "POST /first-boot/v1/s3cret_-token" {
		t.Errorf("right key: status %s, %v, the server saw %q", status, err, got)
	}
	got = ""
	if status, err := call(other); err == nil || strings.HasPrefix(status, "2") || got != "" {
		t.Errorf("another key: status %s, %v, the server saw %q", status, err, got)
	}
}
