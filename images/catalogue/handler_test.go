package catalogue_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

func TestHandler(t *testing.T) {
	c, dir := open(t)
	add(t, c, makeDisk(t), options("debian"))
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	// Not listed: it has no signature.
	if err := os.WriteFile(filepath.Join(dir, "half.img.zst"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.StripPrefix("/images/", c.Handler()))
	defer server.Close()
	get := func(path, ranges string) (int, []byte) {
		t.Helper()
		r, err := http.NewRequest(http.MethodGet, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.URL.Opaque = path // sent as it is
		if ranges != "" {
			r.Header.Set("Range", ranges)
		}
		reply, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer reply.Body.Close()
		b, err := io.ReadAll(reply.Body)
		if err != nil {
			t.Fatal(err)
		}
		return reply.StatusCode, b
	}

	for _, ending := range []string{".img.zst", ".json", ".json.minisig"} {
		want, err := os.ReadFile(filepath.Join(dir, "debian"+ending))
		if err != nil {
			t.Fatal(err)
		}
		if code, got := get("/images/debian"+ending, ""); code != 200 || !bytes.Equal(got, want) {
			t.Errorf("%s: status %d, %d bytes, want %d", ending, code, len(got), len(want))
		}
		if code, got := get("/images/debian"+ending, "bytes=10-19"); code != 206 || !bytes.Equal(got, want[10:20]) {
			t.Errorf("%s: range: status %d, %q", ending, code, got)
		}
		if code, _ := get("/images/debian"+ending, "bytes=999999999-"); code != http.StatusRequestedRangeNotSatisfiable {
			t.Errorf("%s: range behind the end: status %d", ending, code)
		}
	}
	for _, path := range []string{
		"/images/", "/images/secret", "/images/half.img.zst", "/images/none.json", "/images/debian",
		"/images/.lock", "/images/../images.key", "/images/..%2fimages.key", "/images/debian.json/",
		"/images/%2e%2e/images.key.json", "/images/debian%00.json",
	} {
		if code, body := get(path, ""); code == 200 {
			t.Errorf("%s: served %q", path, body)
		}
	}
	reply, err := server.Client().Post(server.URL+"/images/debian.json", "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	reply.Body.Close()
	if reply.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: status %d", reply.StatusCode)
	}

	// With a manifest that is no longer signed, nothing of the image is served.
	edit(t, filepath.Join(dir, "debian.json"), 30)
	if code, _ := get("/images/debian.img.zst", ""); code != http.StatusInternalServerError {
		t.Errorf("unsigned: status %d", code)
	}
}
