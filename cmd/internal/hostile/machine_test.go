package hostile

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"regain.example/agent/api"
	"regain.example/boot"
	"regain.example/boot/script"
	"regain.example/cmd/internal/lan"
	"regain.example/cmd/internal/vbench"
)

// machine is a computer that boots as firmware, boot loader and agent do.
type machine struct {
	site  *site
	space *lan.Space
	arch  boot.Arch
	mac   net.HardwareAddr
	addr  netip.Addr
	http  *http.Client
}

// newMachine makes a computer that was never there before, for a space.
func (s *site) newMachine(space *lan.Space, arch boot.Arch) *machine {
	mac := net.HardwareAddr{0x52, 0x54, 0, 0, 0, 0}
	rand.Read(mac[3:])
	return &machine{site: s, space: space, arch: arch, mac: mac, http: &http.Client{
		Timeout: time.Minute,
		Transport: &http.Transport{DialContext: space.Dial, DisableKeepAlives: true,
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
	}}
}

// powerOn puts the machine, without an address, in the place of whatever was in
// its space.
func (m *machine) powerOn() error { return m.space.Restart(m.mac) }

// boot goes all the way from power-on to the registration, and returns what the
// controller calls the machine.
func (m *machine) boot(ctx context.Context) (number int, err error) {
	lease, err := m.takeAddress(ctx, pxe(m.arch)...)
	if err != nil {
		return 0, fmt.Errorf("firmware: %w", err)
	}
	loader, err := m.tftp(ctx, lease.BootFileName)
	if err != nil {
		return 0, fmt.Errorf("firmware: %w", err)
	}
	if err := m.whole(lease.BootFileName, loader); err != nil {
		return 0, err
	}
	line := ""
	if lease.BootFileName == boot.FileShim {
		line, err = m.grub(ctx)
	} else {
		line, err = m.ipxe(ctx)
	}
	if err != nil {
		return 0, err
	}
	return m.register(ctx, line)
}

// grub is what shim and GRUB do; it returns the kernel's command line.
func (m *machine) grub(ctx context.Context) (string, error) {
	var config []byte
	for _, name := range []string{boot.FileGRUB, script.GRUBConfig, boot.FileKernel, boot.FileInitramfs} {
		got, err := m.tftp(ctx, "/"+name)
		if err != nil {
			return "", fmt.Errorf("GRUB: %w", err)
		}
		if name == script.GRUBConfig {
			config = got
			continue
		}
		if err := m.whole(name, got); err != nil {
			return "", err
		}
	}
	return string(config), nil
}

// ipxe is what iPXE does; it returns the kernel's command line.
func (m *machine) ipxe(ctx context.Context) (string, error) {
	lease, err := m.takeAddress(ctx, append(pxe(m.arch), ipxe())...)
	if err != nil {
		return "", fmt.Errorf("iPXE: %w", err)
	}
	if lease.BootFileName != "http://"+vbench.Address.Addr().String()+"/boot.ipxe" {
		return "", fmt.Errorf("iPXE is sent to %q", lease.BootFileName)
	}
	platform := "pcbios"
	if m.arch.UEFI() {
		platform = "efi"
	}
	text, err := m.get(ctx, fmt.Sprintf("%s?mac=%s&platform=%s&serial=%s", lease.BootFileName, m.mac, platform, hex.EncodeToString(m.mac)))
	if err != nil {
		return "", err
	}
	for _, name := range []string{boot.FileKernel, boot.FileInitramfs} {
		got, err := m.get(ctx, "http://"+vbench.Address.Addr().String()+"/boot/"+name)
		if err != nil {
			return "", err
		}
		if err := m.whole(name, got); err != nil {
			return "", err
		}
	}
	return string(text), nil
}

func (m *machine) whole(name string, got []byte) error {
	if want := m.site.files[name]; string(got) != string(want) {
		return fmt.Errorf("%s came with %d bytes that are not the file's %d", name, len(got), len(want))
	}
	return nil
}

func (m *machine) get(ctx context.Context, url string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := m.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if resp.StatusCode != 200 {
		err = errors.Join(err, fmt.Errorf("%s: %s", url, resp.Status))
	}
	return body, err
}

var tokenIn = regexp.MustCompile(`regain\.token=(\S+)`)

// register is what the agent does first.
func (m *machine) register(ctx context.Context, line string) (int, error) {
	token := tokenIn.FindStringSubmatch(line)
	if token == nil {
		return 0, fmt.Errorf("no token on the command line %q", line)
	}
	nonce := make([]byte, 16)
	rand.Read(nonce)
	body, err := json.Marshal(api.RegisterRequest{
		Version: api.Version, Token: token[1], Nonce: hex.EncodeToString(nonce),
		Inventory: api.Inventory{
			System:   api.System{Manufacturer: "Dell Inc.", Product: "OptiPlex 7050", Serial: hex.EncodeToString(m.mac)},
			Firmware: api.Firmware{Kind: api.FirmwareUEFI},
			NICs:     []api.NIC{{Name: "eth0", MAC: m.mac.String(), Bus: "pci", Boot: true}},
		},
	})
	if err != nil {
		return 0, err
	}
	r, err := http.NewRequestWithContext(ctx, "POST", "https://"+vbench.Address.Addr().String()+":8443/agent/v1/register", strings.NewReader(string(body)))
	if err != nil {
		return 0, err
	}
	resp, err := m.http.Do(r)
	if err != nil {
		return 0, fmt.Errorf("register: %w", err)
	}
	defer resp.Body.Close()
	var reply api.RegisterReply
	if err := json.NewDecoder(resp.Body).Decode(&reply); err != nil || resp.StatusCode != 200 || reply.Machine.Number == 0 {
		return 0, fmt.Errorf("register: %s, %w", resp.Status, err)
	}
	return reply.Machine.Number, nil
}
