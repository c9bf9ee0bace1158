//go:build bench

package dhcp

import (
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"regain.example/boot"
	"regain.example/boot/esp/esptest"
	"regain.example/cmd/internal/lan"
	"regain.example/cmd/internal/vbench"
)

// server is one of those compared.
type server struct {
	name string
	// probes and durable say what it does before its answers.
	probes, durable string
	// command makes the command that runs it, with everything that it keeps
	// below dir.
	command func(b *testing.B, dir string) *exec.Cmd
	// settle is how long it takes until it answers: ours looks for other
	// servers first.
	settle time.Duration
	// patience is how long after the last question answers are waited for.
	patience time.Duration
}

// What the peers do before an ACK was seen with strace (dnsmasq 2.90, Kea 2.2.0):
// dnsmasq writes the whole file and calls fsync, Kea appends a line.
var servers = []server{
	{"regain", "ARP, 2 probes, 240 ms", "fsync before the ACK", ours, 8 * time.Second, 5 * time.Second},
	{"dnsmasq", "ICMP echo, 3 s, one after the other", "fsync before the ACK", dnsmasq("--dhcp-authoritative"), 2 * time.Second, 30 * time.Second},
	{"dnsmasq --no-ping", "no", "fsync before the ACK", dnsmasq("--no-ping"), 2 * time.Second, 5 * time.Second},
	{"kea", "no", "written, no fsync", kea, 3 * time.Second, 5 * time.Second},
}

// ours is the whole controller, as it is installed.
func ours(b *testing.B, dir string) *exec.Cmd {
	program := filepath.Join(dir, "regain")
	build := exec.Command("go", "build", "-o", program, "regain.example/cmd/regain")
	build.Stderr = os.Stderr
	check(b, build.Run())
	files := filepath.Join(dir, "boot")
	check(b, os.Mkdir(files, 0o755))
	names := []string{boot.FileKernel, boot.FileInitramfs}
	for _, f := range boot.Files() {
		names = append(names, f.Name)
	}
	for _, name := range names {
		content := make([]byte, 100_000)
		rand.Read(content)
		check(b, os.WriteFile(filepath.Join(files, name), content, 0o644))
	}
	check(b, esptest.Write(files, esptest.Template()))
	config := write(b, dir, "regain.toml", fmt.Sprintf(
		"state_dir = %q\nboot_dir = %q\n[bench]\ninterface = %q\naddress = %q\npool = \"10.77.0.50-10.77.0.250\"\n[admin]\nlisten = \"%s:8444\"\nsocket = %q\n",
		filepath.Join(dir, "state"), files, vbench.Bridge, vbench.Address, lan.OfficeAddress.Addr(), filepath.Join(dir, "admin.sock")))
	return exec.Command(program, "serve", "--config", config)
}

func dnsmasq(option string) func(*testing.B, string) *exec.Cmd {
	return func(_ *testing.B, dir string) *exec.Cmd {
		return exec.Command("dnsmasq", "--keep-in-foreground", "--log-facility=-", "--port=0", "--user=root", "--conf-file=/dev/null", "--pid-file=",
			"--bind-interfaces", "--interface="+vbench.Bridge, option, "--dhcp-leasefile="+filepath.Join(dir, "leases"),
			"--dhcp-range=10.77.0.50,10.77.0.250,24h", "--dhcp-boot=undionly.kpxe")
	}
}

func kea(b *testing.B, dir string) *exec.Cmd {
	config := write(b, dir, "kea.json", fmt.Sprintf(`{"Dhcp4": {
		"interfaces-config": {"interfaces": [%q]},
		"lease-database": {"type": "memfile", "persist": true, "name": %q, "lfc-interval": 0},
		"valid-lifetime": 86400, "authoritative": true, "boot-file-name": "undionly.kpxe",
		"subnet4": [{"subnet": "10.77.0.0/24", "pools": [{"pool": "10.77.0.50 - 10.77.0.250"}]}],
		"loggers": [{"name": "kea-dhcp4", "severity": "ERROR", "output_options": [{"output": "stderr"}]}]
	}}`, vbench.Bridge, filepath.Join(dir, "leases.csv")))
	cmd := exec.Command(filepath.Join(unpacked(b), "usr/sbin/kea-dhcp4"), "-c", config)
	cmd.Env = append(os.Environ(), "KEA_PIDFILE_DIR="+dir, "KEA_LOCKFILE_DIR="+dir)
	return cmd
}

// unpacked is where Kea's server lies, fetched once and not installed: its package
// would start it. Its libraries are kea-admin's, which is installed.
func unpacked(b *testing.B) string {
	dir, err := filepath.Abs("../../../../build/peers/kea")
	check(b, err)
	if _, err := os.Stat(filepath.Join(dir, "usr/sbin/kea-dhcp4")); err == nil {
		return dir
	}
	check(b, os.MkdirAll(dir, 0o755))
	cmd := exec.Command("sh", "-ec", "apt-get -qq -o APT::Sandbox::User=root download kea-dhcp4-server; dpkg-deb -x *.deb .; rm ./*.deb")
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	check(b, cmd.Run())
	return dir
}

func write(b *testing.B, dir, name, text string) string {
	file := filepath.Join(dir, name)
	check(b, os.WriteFile(file, []byte(text), 0o600))
	return file
}

func check(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
