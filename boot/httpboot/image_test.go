package httpboot

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"regain.example/boot"
	"regain.example/boot/esp"
)

// imageSectors makes the test's image large enough that a fetch can break off.
const imageSectors = 64 << 10

// template makes the smallest disk image that is one: a boot record, and the
// placeholder at the beginning of the partition.
func template(t *testing.T, root *os.Root) *esp.Template {
	t.Helper()
	image := make([]byte, (esp.PartitionStart+imageSectors)*512)
	copy(image, esp.BootRecord(nil, imageSectors))
	copy(image[esp.PartitionStart*512:], esp.Placeholder())
	if err := root.WriteFile(esp.File, image, 0o600); err != nil {
		t.Fatal(err)
	}
	e, err := esp.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestImage: EDK2's HTTP Boot asks for the size, then fetches the whole.
func TestImage(t *testing.T) {
	b := start(t)
	resp, err := http.Head(b.URL + "/boot/esp.img")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.ContentLength != (esp.PartitionStart+imageSectors)*512 || resp.Header.Get("Content-Type") != "application/vnd.efi-img" {
		t.Errorf("HEAD: %d bytes of %q", resp.ContentLength, resp.Header.Get("Content-Type"))
	}
	if len(b.asked) != 0 {
		t.Errorf("a token was made for the size alone: %v", b.asked)
	}
	resp, got := b.get(t, "/boot/esp.img")
	if int64(len(got)) != resp.ContentLength || resp.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("GET: %d of %d bytes, %v", len(got), resp.ContentLength, resp.Header)
	}
	config := got[esp.PartitionStart*512:][:esp.ConfigBytes]
	if !strings.Contains(config, "linux /vmlinuz ") || !strings.Contains(config, "regain.token=tok-1 regain.mac="+macText) {
		t.Errorf("the configuration is\n%s", config)
	}
	want := []string{macText + " image-size", macText + " image"}
	waitFor(t, func() bool { return slices.Equal(b.seen.Stages(), want) })
}

func TestImageInParts(t *testing.T) {
	b := start(t)
	const size = (esp.PartitionStart + imageSectors) * 512
	if resp, got := b.get(t, "/boot/esp.img", "Range", "bytes=0-999999"); resp.StatusCode != 206 || len(got) != 1000000 {
		t.Errorf("%s, %d bytes", resp.Status, len(got))
	}
	if got := b.seen.Stages(); len(got) != 0 {
		t.Errorf("a part counts as the whole: %q", got)
	}
	if resp, got := b.get(t, "/boot/esp.img", "Range", "bytes=1000000-"); resp.StatusCode != 206 || len(got) != size-1000000 {
		t.Errorf("%s, %d bytes", resp.Status, len(got))
	}
	waitFor(t, func() bool { return slices.Equal(b.seen.Stages(), []string{macText + " image"}) })
}

func TestImageEnds(t *testing.T) {
	for _, tt := range []struct {
		d    boot.Decision
		err  error
		want string
		text string
	}{
		{boot.Decision{Action: boot.ActionLocalDisk, Reason: "done"}, nil, "local-disk", "chainloader"},
		{boot.Decision{Reason: "held"}, nil, "refused", "Regain: held"},
		{boot.Decision{}, errors.New("secret detail"), "refused", "cannot decide now"},
	} {
		b := start(t)
		b.d, b.err = tt.d, tt.err
		_, got := b.get(t, "/boot/esp.img")
		if !strings.Contains(got, tt.text) || strings.Contains(got, "linux /") || strings.Contains(got, "secret detail") {
			t.Errorf("%+v: the image lacks %q, or starts the agent", tt.d, tt.text)
		}
		want := []string{macText + " image", macText + " " + tt.want}
		waitFor(t, func() bool { return slices.Equal(b.seen.Stages(), want) })
	}
}

// TestImageIsTheMachines: who has no lease gets no token.
func TestImageIsTheMachines(t *testing.T) {
	b := start(t)
	for _, method := range []string{"GET", "HEAD"} {
		r := httptest.NewRequest(method, "/boot/esp.img", nil)
		r.RemoteAddr = "10.77.0.99:1234"
		w := httptest.NewRecorder()
		b.Config.Handler.ServeHTTP(w, r)
		if w.Code != http.StatusForbidden || strings.Contains(w.Body.String(), "tok-1") {
			t.Errorf("%s: %d, %d bytes", method, w.Code, w.Body.Len())
		}
	}
	if len(b.asked) != 0 || len(b.seen.Stages()) != 0 {
		t.Errorf("asked %v, observed %q", b.asked, b.seen.Stages())
	}
}

// TestBrokenOff: a machine that is switched off in the middle is told of, and has
// not the whole.
func TestBrokenOff(t *testing.T) {
	b := start(t)
	conn, err := net.Dial("tcp4", b.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "GET /boot/esp.img HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, make([]byte, 100000)); err != nil {
		t.Fatal(err)
	}
	conn.(*net.TCPConn).SetLinger(0)
	conn.Close()
	waitFor(t, func() bool { return slices.Equal(b.seen.Stages(), []string{macText + " broken"}) })
}

// TestOwnEnd: a server that stops says nothing of the machines.
func TestOwnEnd(t *testing.T) {
	b := start(t)
	resp, err := http.Get(b.URL + "/boot/esp.img")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.ReadFull(resp.Body, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	b.CloseClientConnections()
	waitFor(t, func() bool {
		return slices.ContainsFunc(b.seen.Counts(), func(s string) bool { return strings.HasPrefix(s, "http image 200") })
	})
	if got := b.seen.Stages(); len(got) != 0 {
		t.Errorf("observed %q", got)
	}
}

// TestRefusedScript: what iPXE is told instead of the agent is seen, too.
func TestRefusedScript(t *testing.T) {
	b := start(t)
	b.d = boot.Decision{Reason: "held"}
	if _, got := b.get(t, query()); !strings.Contains(got, "echo Regain: held") {
		t.Errorf("got %q", got)
	}
	waitFor(t, func() bool { return slices.Equal(b.seen.Stages(), []string{macText + " script", macText + " refused"}) })
}

// TestImageHasRoom: a command line too long for the image is an error, and no
// part of it is served.
func TestImageHasRoom(t *testing.T) {
	b := start(t)
	b.d.Token = strings.Repeat("t", esp.ConfigBytes)
	resp, got := b.get(t, "/boot/esp.img")
	if resp.StatusCode != http.StatusInternalServerError || bytes.Contains([]byte(got), []byte("tttt")) {
		t.Errorf("%s, %d bytes", resp.Status, len(got))
	}
}
