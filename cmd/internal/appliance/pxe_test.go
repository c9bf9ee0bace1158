package appliance

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"

	"regain.example/boot"
	"regain.example/boot/bind"
)

// pxe is a machine on the bench that speaks as firmware and boot loaders do. Its
// packets are made by the specifications (RFC 2131, RFC 4578, PXE 2.1, RFC 1350),
// not by the servers under test.
type pxe struct {
	t    *testing.T
	mac  net.HardwareAddr
	uuid string
	addr netip.Addr // invalid before it took one
	seen time.Time  // bootBench.reaches
	file string     // what the last acknowledgement told it to load
}

func newPXE(t *testing.T, n byte) *pxe {
	return &pxe{t: t, mac: net.HardwareAddr{0x00, 0x1b, 0x21, 0, 0, n}, uuid: fmt.Sprintf("4c4c4544-0042-3510-8052-b4c04f4d32%02x", n)}
}

// atBench runs f where the machines are. Sockets that f itself opens stay there.
func atBench(t *testing.T, f func()) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	here, err := netns.Get()
	if err != nil {
		t.Fatal(err)
	}
	defer here.Close()
	if err := netns.Set(benches); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := netns.Set(here); err != nil {
			t.Fatal(err)
		}
	}()
	f()
}

// as are the options by which the asker tells what it is.
func (m *pxe) as(by boot.Asker, arch boot.Arch) []dhcpv4.Modifier {
	if by == boot.AskerSystem {
		return nil
	}
	class := fmt.Sprintf("PXEClient:Arch:%05d:UNDI:003001", arch)
	if arch == boot.ArchEFI64HTTP {
		class = fmt.Sprintf("HTTPClient:Arch:%05d:UNDI:003001", arch)
	}
	id, err := hex.DecodeString(strings.ReplaceAll(m.uuid, "-", ""))
	if err != nil {
		m.t.Fatal(err)
	}
	// The first three fields travel little-endian (RFC 4578 section 2.3).
	for _, field := range [][]byte{id[:4], id[4:6], id[6:8]} {
		for i, j := 0, len(field)-1; i < j; i, j = i+1, j-1 {
			field[i], field[j] = field[j], field[i]
		}
	}
	options := []dhcpv4.Modifier{
		dhcpv4.WithOption(dhcpv4.OptClassIdentifier(class)),
		dhcpv4.WithGeneric(dhcpv4.OptionClientSystemArchitectureType, binary.BigEndian.AppendUint16(nil, uint16(arch))),
		dhcpv4.WithGeneric(dhcpv4.OptionClientMachineIdentifier, append([]byte{0}, id...)),
	}
	if by == boot.AskerIPXE {
		options = append(options, dhcpv4.WithGeneric(dhcpv4.OptionUserClassInformation, []byte("iPXE")),
			dhcpv4.WithGeneric(dhcpv4.GenericOptionCode(175), []byte{0x13, 1, 1}))
	}
	return options
}

// discover asks for an address once and returns the offer; nil if none comes.
func (m *pxe) discover(by boot.Asker, arch boot.Arch, patience time.Duration) *dhcpv4.DHCPv4 {
	m.t.Helper()
	p, err := dhcpv4.NewDiscovery(m.mac, m.as(by, arch)...)
	if err != nil {
		m.t.Fatal(err)
	}
	return m.say(p, patience)
}

// take takes an address as the asker does.
func (m *pxe) take(by boot.Asker, arch boot.Arch) {
	m.t.Helper()
	offer := m.discover(by, arch, 5*time.Second)
	if offer == nil {
		m.t.Fatal("no offer")
	}
	p, err := dhcpv4.NewRequestFromOffer(offer, m.as(by, arch)...)
	if err != nil {
		m.t.Fatal(err)
	}
	ack := m.say(p, 5*time.Second)
	if ack == nil || ack.MessageType() != dhcpv4.MessageTypeAck {
		m.t.Fatalf("no acknowledgement: %v", ack)
	}
	m.file = ack.BootFileName
	a, _ := netip.AddrFromSlice(ack.YourIPAddr.To4())
	if m.addr != a {
		m.have(a)
	}
}

// have gives the address to the machines' interface.
func (m *pxe) have(a netip.Addr) {
	m.t.Helper()
	m.addr = a
	there, err := netlink.NewHandleAt(benches)
	if err != nil {
		m.t.Fatal(err)
	}
	defer there.Close()
	link, err := there.LinkByName("machines0")
	if err != nil {
		m.t.Fatal(err)
	}
	on := &netlink.Addr{IPNet: &net.IPNet{IP: a.AsSlice(), Mask: net.CIDRMask(24, 32)}}
	if err := there.AddrReplace(link, on); err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() {
		there, err := netlink.NewHandleAt(benches)
		if err == nil {
			err = there.AddrDel(link, on)
			there.Close()
		}
		if err != nil {
			m.t.Error(err)
		}
	})
}

// say broadcasts p and returns the answer to it; nil if none comes.
func (m *pxe) say(p *dhcpv4.DHCPv4, patience time.Duration) (answer *dhcpv4.DHCPv4) {
	m.t.Helper()
	atBench(m.t, func() {
		conn, err := bind.UDP("machines0", netip.MustParseAddrPort("0.0.0.0:68"))
		if err != nil {
			m.t.Fatal(err)
		}
		defer conn.Close()
		if _, err := conn.WriteToUDPAddrPort(p.ToBytes(), netip.MustParseAddrPort("255.255.255.255:67")); err != nil {
			m.t.Fatal(err)
		}
		conn.SetReadDeadline(time.Now().Add(patience))
		buf := make([]byte, 1500)
		for {
			n, err := conn.Read(buf)
			if err != nil {
				return
			}
			r, err := dhcpv4.FromBytes(buf[:n])
			if err == nil && r.TransactionID == p.TransactionID && r.OpCode == dhcpv4.OpcodeBootReply {
				answer = r
				return
			}
		}
	})
	return answer
}

// tftp fetches a file of n blocks at most, and breaks off after them; 0 means all.
func (m *pxe) tftp(name string, blocks int) {
	m.t.Helper()
	atBench(m.t, func() {
		conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: m.addr.AsSlice()})
		if err != nil {
			m.t.Fatal(err)
		}
		defer conn.Close()
		send := func(b []byte, to netip.AddrPort) {
			if _, err := conn.WriteToUDPAddrPort(b, to); err != nil {
				m.t.Fatal(err)
			}
		}
		send([]byte("\x00\x01"+name+"\x00octet\x00"), netip.AddrPortFrom(netip.MustParsePrefix(benchAddress).Addr(), 69))
		buf := make([]byte, 1500)
		for got := 1; ; got++ {
			conn.SetReadDeadline(time.Now().Add(10 * time.Second))
			n, from, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil || n < 4 || buf[1] != 3 {
				m.t.Fatalf("%s: %q, %v", name, buf[:n], err)
			}
			if got == blocks {
				send([]byte("\x00\x05\x00\x03disk full\x00"), from) // RFC 1350 appendix I
				return
			}
			send([]byte{0, 4, buf[2], buf[3]}, from)
			if n < 4+512 {
				return
			}
		}
	})
}

// http makes a request and returns what comes; with cut above 0 it hangs up after
// so many bytes.
func (m *pxe) http(method, path string, cut int64) string {
	m.t.Helper()
	var conn net.Conn
	atBench(m.t, func() {
		var err error
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: m.addr.AsSlice()}, Timeout: 5 * time.Second}
		if conn, err = d.DialContext(m.t.Context(), "tcp4", "10.77.0.1:80"); err != nil {
			m.t.Fatal(err)
		}
	})
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true,
		DialContext: func(context.Context, string, string) (net.Conn, error) { return conn, nil }}}
	r, err := http.NewRequestWithContext(m.t.Context(), method, "http://10.77.0.1"+path, nil)
	if err != nil {
		m.t.Fatal(err)
	}
	resp, err := client.Do(r)
	if err != nil {
		m.t.Fatal(err)
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	if cut > 0 {
		_, err = io.CopyN(&body, resp.Body, cut)
	} else {
		_, err = io.Copy(&body, resp.Body)
	}
	if err != nil || resp.StatusCode != http.StatusOK {
		m.t.Fatalf("%s %s: %s, %v", method, path, resp.Status, err)
	}
	return body.String()
}

// script asks for iPXE's script as the entry script has it ask.
func (m *pxe) script() string {
	m.t.Helper()
	return m.http("GET", "/boot.ipxe?mac="+m.mac.String()+"&uuid="+m.uuid+"&platform=pcbios", 0)
}

// refuse takes another server's offer, which every server on the network hears
// (RFC 2131 section 3.1 step 3).
func (m *pxe) refuse(server string) {
	m.t.Helper()
	offer := m.discover(boot.AskerFirmware, boot.ArchEFI64, 5*time.Second)
	if offer == nil {
		m.t.Fatal("no offer")
	}
	p, err := dhcpv4.NewRequestFromOffer(offer, m.as(boot.AskerFirmware, boot.ArchEFI64)...)
	if err != nil {
		m.t.Fatal(err)
	}
	p.UpdateOption(dhcpv4.OptServerIdentifier(net.ParseIP(server)))
	if m.say(p, 200*time.Millisecond) != nil {
		m.t.Error("an answer to a request that is another server's")
	}
}
