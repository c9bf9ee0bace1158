//go:build bench

package tftp

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"regain.example/boot"
	"regain.example/boot/bind"
	"regain.example/boot/tftp"
	"regain.example/cmd/internal/vbench"
)

// serverEnv holds the directory that this program serves when it is started as
// our server: each server is a process of its own.
const serverEnv = "REGAIN_BENCH_TFTP"

func TestMain(m *testing.M) {
	if dir := os.Getenv(serverEnv); dir != "" {
		if err := serve(dir); err != nil {
			slog.Error("serve", "err", err)
			os.Exit(1)
		}
		return
	}
	if name := os.Getenv(clientEnv); name != "" {
		if err := fetch(name); err != nil {
			slog.Error("fetch", "err", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func serve(dir string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	listen := func(port uint16) (*net.UDPConn, error) {
		return bind.UDP(vbench.Bridge, netip.AddrPortFrom(vbench.Address.Addr(), port))
	}
	conn, err := listen(tftp.Port)
	if err != nil {
		return err
	}
	transfer := func() (*net.UDPConn, error) { return listen(0) }
	return tftp.New(transfer, files{root}, everyone{}, silent{}, slog.New(slog.DiscardHandler)).Serve(ctx, conn)
}

// files serves all of a directory, as the peers do.
type files struct{ root *os.Root }

func (f files) Open(_ context.Context, _ boot.Client, name string) (io.ReadSeekCloser, error) {
	return f.root.Open(strings.TrimLeft(name, "/"))
}

func (files) Sent(boot.Client, string) {}

func (files) Broken(boot.Client, string, error) {}

// everyone knows every machine.
type everyone struct{}

func (everyone) Client(a netip.Addr) (boot.Client, bool) { return boot.Client{Addr: a}, true }

type silent struct{}

func (silent) DHCP(string)             {}
func (silent) TFTP(string, int64)      {}
func (silent) HTTP(string, int, int64) {}

// The servers compared.
const (
	ours    = "regain"
	hpa     = "tftpd-hpa"
	dnsmasq = "dnsmasq"
)

// startServer starts one server for TFTP on the wire. DHCP is dnsmasq's for all:
// it names loader as the boot file.
func startServer(b *testing.B, w *vbench.Wire, server, dir, loader string) {
	dhcp := []string{"dnsmasq", "--keep-in-foreground", "--port=0", "--user=root", "--conf-file=/dev/null", "--pid-file=",
		"--bind-interfaces", "--interface=" + vbench.Bridge, "--dhcp-leasefile=" + filepath.Join(b.TempDir(), "leases"),
		"--dhcp-range=10.77.0.50,10.77.0.99", "--dhcp-option-force=175,176:1:1", "--dhcp-boot=" + loader + ",," + vbench.Address.Addr().String()}
	switch server {
	case dnsmasq:
		dhcp = append(dhcp, "--enable-tftp", "--tftp-root="+dir)
	case hpa:
		root := peers(b)
		cmd := exec.Command(filepath.Join(root, "usr/sbin/in.tftpd"), "--foreground", "--listen",
			"--address", vbench.Address.Addr().String()+":69", "--user", "root", "--secure", dir)
		cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+filepath.Join(root, "usr/lib/x86_64-linux-gnu")+":"+filepath.Join(root, "lib/x86_64-linux-gnu"))
		start(b, w, cmd)
	case ours:
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), serverEnv+"="+dir)
		start(b, w, cmd)
	}
	start(b, w, exec.Command(dhcp[0], dhcp[1:]...))
}

func start(b *testing.B, w *vbench.Wire, cmd *exec.Cmd) {
	cmd.Stderr = os.Stderr
	p, err := w.Start(cmd)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(p.Kill)
}

// lose has the bridge drop packets at random, those for and from TFTP only. The
// bridge's own hooks do it: a drop in the IP layer would be an error of send.
func lose(b *testing.B, w *vbench.Wire) {
	if *loss == 0 {
		return
	}
	rules := fmt.Sprintf(`table bridge lossy {
		chain in { type filter hook input priority 0; udp dport != 67 numgen random mod 100 < %[1]d drop; }
		chain out { type filter hook output priority 0; udp sport != 67 numgen random mod 100 < %[1]d drop; }
	}`, *loss)
	cmd := exec.Command("nft", "-f", "-")
	cmd.Stdin, cmd.Stderr = strings.NewReader(rules), os.Stderr
	if err := w.Do(cmd.Run); err != nil {
		b.Fatalf("lose packets: %v", err)
	}
}

// peers unpacks tftpd-hpa, once; nothing is installed.
func peers(b *testing.B) string {
	dir, err := filepath.Abs(build("peers/tftpd-hpa"))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "usr/sbin/in.tftpd")); err == nil {
		return dir
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command("sh", "-ec", `apt-get -qq -o APT::Sandbox::User=root download libwrap0 libnsl2 libtirpc3 tftpd-hpa
		for p in *.deb; do dpkg-deb -x "$p" .; done; rm ./*.deb`)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	if err := cmd.Run(); err != nil {
		b.Fatalf("unpack tftpd-hpa: %v", err)
	}
	return dir
}
