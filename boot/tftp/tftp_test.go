package tftp

import (
	"bytes"
	"context"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tftplib "github.com/pin/tftp/v3"

	"regain.example/boot"
	"regain.example/boot/internal/boottest"
	"regain.example/boot/script"
)

const secret = "root:x:0:0 the secret outside"

type bench struct {
	addr string
	dir  string
	seen *boottest.Recorder
	*Server
}

func loopback() (*net.UDPConn, error) {
	return net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
}

// start starts a server on the loopback interface; the machine there has a
// lease unless machines says otherwise.
func start(t *testing.T, d boot.Decision, machines boottest.Machines) *bench {
	t.Helper()
	parent := t.TempDir()
	dir := filepath.Join(parent, "boot")
	write := func(name, content string) {
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write(filepath.Join(parent, "secret"), secret)
	write(filepath.Join(dir, "unlisted"), secret)
	write(filepath.Join(dir, boot.FileBIOS), strings.Repeat("undionly", 1000))
	write(filepath.Join(dir, boot.FileShim), strings.Repeat("x", 512*3)) // ends on a block
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	if err := os.Symlink(filepath.Join(parent, "secret"), filepath.Join(dir, boot.FileGRUB)); err != nil {
		t.Fatal(err)
	}

	conn, err := loopback()
	if err != nil {
		t.Fatal(err)
	}
	seen := &boottest.Recorder{}
	files := NewBootFiles(root, script.Server{HTTP: netip.MustParseAddrPort("10.77.0.1:80")}, script.Agent{}, boottest.Always(d), seen, boottest.Log(t))
	b := &bench{addr: conn.LocalAddr().String(), dir: dir, seen: seen, Server: New(loopback, files, machines, seen, boottest.Log(t))}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Serve(ctx, conn) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return b
}

func known() boottest.Machines {
	return boottest.Machines{netip.MustParseAddr("127.0.0.1"): {MAC: net.HardwareAddr{0x52, 0x54, 0, 0, 0, 7}, Arch: boot.ArchEFI64}}
}

func (b *bench) get(t *testing.T, name string, block int) (string, error) {
	t.Helper()
	c, err := tftplib.NewClient(b.addr)
	if err != nil {
		t.Fatal(err)
	}
	c.SetTimeout(2 * time.Second)
	c.SetBlockSize(block)
	from, err := c.Receive(name, "octet")
	if err != nil {
		return "", err
	}
	var got bytes.Buffer
	_, err = from.WriteTo(&got)
	return got.String(), err
}

func TestTransfer(t *testing.T) {
	b := start(t, boot.Decision{}, known())
	for _, block := range []int{512, 1024, 1432, 1468, 8192} {
		for _, name := range []string{boot.FileBIOS, "/" + boot.FileBIOS, "//" + boot.FileShim} {
			want, err := os.ReadFile(filepath.Join(b.dir, filepath.Base(name)))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := b.get(t, name, block); err != nil || got != string(want) {
				t.Errorf("%s in blocks of %d: %d bytes, %v", name, block, len(got), err)
			}
		}
	}
	waitFor(t, func() bool { return len(b.seen.Stages()) == 15 })
	if got := b.seen.Stages()[0]; got != "52:54:00:00:00:07 loader" {
		t.Errorf("observed %q", got)
	}
	if !slices.Contains(b.seen.Counts(), "tftp ok 8000") {
		t.Errorf("counted %q", b.seen.Counts())
	}
}

func TestOnlyListedNames(t *testing.T) {
	b := start(t, boot.Decision{}, known())
	names := []string{
		"../secret", "/../secret", `..\secret`, "//..//secret", "./../secret", "boot/../../secret", b.dir + "/../secret",
		"unlisted", boot.FileBIOS + "/../unlisted", "./unlisted", "/proc/self/environ", "grub/../unlisted", "", ".", "/",
		boot.FileGRUB, // a link that leads out of the directory
	}
	for _, name := range names {
		got, err := b.get(t, name, 512)
		if err == nil || strings.Contains(got, secret) {
			t.Errorf("%q was served: %q, %v", name, got, err)
		}
	}
	if got := b.seen.Stages(); len(got) != 0 {
		t.Errorf("observed %q", got)
	}
}

func TestWritingIsRefused(t *testing.T) {
	b := start(t, boot.Decision{}, known())
	conn, err := net.Dial("udp4", b.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.Write([]byte("\x00\x02undionly.kpxe\x00octet\x00")) // RFC 1350 figure 5-1, WRQ
	waitFor(t, func() bool { return slices.Contains(b.seen.Counts(), "tftp refused 0") })
	if got, err := os.ReadFile(filepath.Join(b.dir, boot.FileBIOS)); err != nil || len(got) != 8000 {
		t.Errorf("the file has %d bytes, %v", len(got), err)
	}
}

func TestStrangerIsRefused(t *testing.T) {
	b := start(t, boot.Decision{}, nil)
	if got, err := b.get(t, boot.FileBIOS, 512); err == nil {
		t.Errorf("%d bytes for an address without a lease", len(got))
	}
}

func TestGRUBConfigIsTheMachines(t *testing.T) {
	b := start(t, boot.Decision{Action: boot.ActionLocalDisk, Reason: "done"}, known())
	got, err := b.get(t, "/grub/grub.cfg", 1024)
	if err != nil || !strings.Contains(got, "chainloader /EFI/BOOT/BOOTX64.EFI") {
		t.Errorf("got %q, %v", got, err)
	}
	waitFor(t, func() bool { return slices.Contains(b.seen.Stages(), "52:54:00:00:00:07 local-disk") })
}

func TestManyAtOnce(t *testing.T) {
	b := start(t, boot.Decision{}, known())
	var clients sync.WaitGroup
	for range maxPerClient {
		clients.Go(func() {
			for range 5 {
				if got, err := b.get(t, boot.FileBIOS, 1432); err != nil || len(got) != 8000 {
					t.Errorf("%d bytes, %v", len(got), err)
				}
				time.Sleep(20 * time.Millisecond) // its last socket counts until then
			}
		})
	}
	clients.Wait()
}

// TestFlood sends requests and never an acknowledgement.
func TestFlood(t *testing.T) {
	b := start(t, boot.Decision{}, known())
	to := netip.MustParseAddrPort(b.addr)
	for range 50 {
		conn, err := loopback() // connected, it would refuse the transfer's port
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for range 3 { // impatient, too
			conn.WriteToUDPAddrPort([]byte("\x00\x01undionly.kpxe\x00octet\x00"), to)
		}
	}
	refused := func() (n int) {
		for _, c := range b.seen.Counts() {
			if c == "tftp refused 0" {
				n++
			}
		}
		return n
	}
	waitFor(t, func() bool { return refused() >= 50-maxPerClient })
	b.slots.mu.Lock()
	defer b.slots.mu.Unlock()
	if len(b.slots.held) > maxPerClient {
		t.Errorf("%d transfers under way for one client", len(b.slots.held))
	}
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
