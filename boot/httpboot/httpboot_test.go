package httpboot

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"regain.example/boot"
	"regain.example/boot/internal/boottest"
	"regain.example/boot/script"
)

const macText = "52:54:00:00:00:07"

type bench struct {
	*httptest.Server
	seen  *boottest.Recorder
	asked []boot.Client
	d     boot.Decision
	err   error
}

// start serves the boot files; the machine at 127.0.0.1 has a lease.
func start(t *testing.T) *bench {
	t.Helper()
	dir := t.TempDir()
	for name, size := range map[string]int{boot.FileKernel: 5000, boot.FileInitramfs: 100000, boot.FileUEFI: 300, "unlisted": 10} {
		if err := os.WriteFile(filepath.Join(dir, name), bytes.Repeat([]byte{'x'}, size), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	image := template(t, root)
	mac, _ := net.ParseMAC(macText)
	addr := netip.MustParseAddr("127.0.0.1")
	b := &bench{seen: &boottest.Recorder{}, d: boot.Decision{Action: boot.ActionAgent, Token: "tok-1", Reason: "waits"}}
	b.Server = httptest.NewServer(New(Config{
		Root: root, Scripts: script.Server{HTTP: netip.MustParseAddrPort("10.77.0.1:80")},
		Agent: script.Agent{Controller: "https://10.77.0.1:8443", Pin: "pin"}, Template: image,
		Images:   http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "image at "+r.URL.Path) }),
		Machines: boottest.Machines{addr: {MAC: mac, Arch: boot.ArchEFI64, Addr: addr, UUID: "from the lease"}},
		Decider: boottest.Decider(func(c boot.Client) (boot.Decision, error) {
			b.asked = append(b.asked, c)
			return b.d, b.err
		}),
		Observer: b.seen, Meter: b.seen, Log: boottest.Log(t),
	}))
	t.Cleanup(func() { b.Close(); image.Close(); root.Close() })
	return b
}

func (b *bench) get(t *testing.T, path string, header ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", b.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func query(with ...string) string {
	q := url.Values{"mac": {macText}, "platform": {"efi"}, "uuid": {"00112233-4455-6677-8899-AABBCCDDEEFF"}}
	for i := 0; i < len(with); i += 2 {
		q.Set(with[i], with[i+1])
	}
	return "/boot.ipxe?" + q.Encode()
}

func TestScriptIsMadeForTheMachine(t *testing.T) {
	b := start(t)
	if _, got := b.get(t, "/boot.ipxe"); !strings.Contains(got, "${netX/mac}") || len(b.asked) != 0 {
		t.Errorf("the entry script is %q, asked %v", got, b.asked)
	}
	hostile := "a&mac=00:00:00:00:00:01\n${x}"
	resp, got := b.get(t, query("serial", hex.EncodeToString([]byte(hostile)), "product", hex.EncodeToString([]byte("OptiPlex"))))
	if !strings.HasPrefix(got, "#!ipxe\n") || !strings.Contains(got, "regain.token=tok-1 regain.mac="+macText) || resp.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("got %q", got)
	}
	want := boot.Client{MAC: b.asked[0].MAC, UUID: "00112233-4455-6677-8899-aabbccddeeff", Product: "OptiPlex",
		Serial: "a&mac=00:00:00:00:00:01${x}", Arch: boot.ArchEFI64, Addr: netip.MustParseAddr("127.0.0.1")}
	if c := b.asked[0]; c.MAC.String() != macText || c.UUID != want.UUID || c.Serial != want.Serial || c.Product != want.Product || c.Arch != want.Arch || c.Addr != want.Addr {
		t.Errorf("asked about %+v, want %+v", c, want)
	}
	if got := b.seen.Stages(); !slices.Equal(got, []string{macText + " script"}) {
		t.Errorf("observed %q", got)
	}
}

func TestScriptFollowsTheFirmware(t *testing.T) {
	b := start(t)
	b.d = boot.Decision{Action: boot.ActionLocalDisk}
	if _, got := b.get(t, query()); !strings.Contains(got, boot.FileGRUB) {
		t.Errorf("UEFI: %q", got)
	}
	if _, got := b.get(t, query("platform", "pcbios")); !strings.Contains(got, "sanboot") {
		t.Errorf("BIOS: %q", got)
	}
	if got := b.seen.Stages(); !slices.Contains(got, macText+" local-disk") {
		t.Errorf("observed %q", got)
	}
}

// One machine must not get another's token by giving its address as its own.
func TestAnotherMachinesScriptIsRefused(t *testing.T) {
	b := start(t)
	for _, mac := range []string{"52:54:00:00:00:08", "", "x", macText + "\nboot"} {
		_, got := b.get(t, query("mac", mac))
		if strings.Contains(got, "tok-1") || !strings.Contains(got, "echo Regain: the network card") {
			t.Errorf("mac %q: %q", mac, got)
		}
	}
	if len(b.asked) != 0 {
		t.Errorf("the decider was asked: %v", b.asked)
	}
}

func TestNoLeaseNoScript(t *testing.T) {
	b := start(t)
	h := b.Config.Handler
	r := httptest.NewRequest("GET", query(), nil)
	r.RemoteAddr = "10.77.0.99:1234"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if got := w.Body.String(); strings.Contains(got, "tok-1") || !strings.Contains(got, "no address from this server") {
		t.Errorf("got %q", got)
	}
}

func TestUndecidedMachineAsksAgain(t *testing.T) {
	b := start(t)
	b.err = errors.New("the store is closed: secret detail")
	_, got := b.get(t, query())
	if strings.Contains(got, "kernel") || strings.Contains(got, "secret") || !strings.Contains(got, "asking again") {
		t.Errorf("got %q", got)
	}
}

func TestFilesAndRanges(t *testing.T) {
	b := start(t)
	if resp, got := b.get(t, "/boot/vmlinuz"); resp.StatusCode != 200 || len(got) != 5000 {
		t.Errorf("kernel: %s, %d bytes", resp.Status, len(got))
	}
	if resp, got := b.get(t, "/boot/initramfs", "Range", "bytes=0-999"); resp.StatusCode != 206 || len(got) != 1000 {
		t.Errorf("range: %s, %d bytes", resp.Status, len(got))
	}
	if got := b.seen.Stages(); slices.Contains(got, macText+" initramfs") {
		t.Error("a part of the initramfs counts as the whole")
	}
	if resp, got := b.get(t, "/boot/initramfs", "Range", "bytes=1000-"); resp.StatusCode != 206 || len(got) != 99000 {
		t.Errorf("range: %s, %d bytes", resp.Status, len(got))
	}
	want := []string{macText + " kernel", macText + " initramfs"}
	waitFor(t, func() bool { return slices.Equal(b.seen.Stages(), want) })
	if got := b.seen.Counts(); !slices.Contains(got, "http initramfs 206 1000") || !slices.Contains(got, "http kernel 200 5000") {
		t.Errorf("counted %q", got)
	}
	resp, err := http.Head(b.URL + "/boot/initramfs")
	if err != nil || resp.ContentLength != 100000 {
		t.Errorf("HEAD: %v, %v", resp, err)
	}
	resp.Body.Close()
	if got := b.seen.Stages(); len(got) != 2 {
		t.Errorf("HEAD is a stage: %q", got)
	}
}

func TestNothingElseIsServed(t *testing.T) {
	b := start(t)
	for _, path := range []string{"/", "/boot/", "/boot/unlisted", "/boot/../unlisted", "/boot/%2e%2e/unlisted", "/unlisted", "/metrics", "/boot/vmlinuz/"} {
		if resp, got := b.get(t, path); resp.StatusCode != 404 {
			t.Errorf("%s: %s %q", path, resp.Status, got)
		}
	}
	resp, err := http.Post(b.URL+"/boot.ipxe", "text/plain", strings.NewReader("x"))
	if err != nil || resp.StatusCode < 400 {
		t.Errorf("POST: %v, %v", resp, err)
	}
	resp.Body.Close()
}

func TestImagesAreMounted(t *testing.T) {
	b := start(t)
	if _, got := b.get(t, "/images/debian/debian.img.zst"); got != "image at /debian/debian.img.zst" {
		t.Errorf("got %q", got)
	}
	waitFor(t, func() bool { return slices.Contains(b.seen.Counts(), "http image 200 31") })
}

func TestLimitPerClient(t *testing.T) {
	raw, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	seen := &boottest.Recorder{}
	l := Limit(raw, seen, boottest.Log(t))
	accepted := make(chan net.Conn, 2*maxPerClient)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	for range maxPerClient + 5 {
		c, err := net.Dial("tcp4", raw.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	waitFor(t, func() bool { return len(accepted) == maxPerClient })
	extra, err := net.Dial("tcp4", raw.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer extra.Close()
	extra.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := extra.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a connection over the limit stays open: %v", err)
	}
	if got := seen.Counts(); len(got) != 6 || got[0] != "http refused 503 0" {
		t.Errorf("counted %q, want 6 refusals", got)
	}
	one := <-accepted
	one.Close()
	one.Close() // counts once
	again, err := net.Dial("tcp4", raw.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	waitFor(t, func() bool { return len(accepted) == maxPerClient })
}

func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for range 500 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it did not happen within 5 s")
}
