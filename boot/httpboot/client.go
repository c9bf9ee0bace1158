package httpboot

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"

	"regain.example/boot"
)

// maxField bounds what a machine says of itself; DSP0134 has no limit, real
// strings have up to 64 bytes.
const maxField = 128

var errStranger = errors.New("this machine has no address from this server")

// client joins what the lease knows with what iPXE says. The lease names the
// machine: a script holds a token, and one machine must not fetch another's by
// naming its address.
func (h *Handler) client(r *http.Request) (boot.Client, error) {
	c, known := h.machines.Client(remote(r))
	if !known {
		return boot.Client{}, errStranger
	}
	q := r.URL.Query()
	mac, err := net.ParseMAC(q.Get("mac"))
	if err != nil || mac.String() != c.MAC.String() {
		return c, fmt.Errorf("the network card %s asks with the address of %s", field(q.Get("mac")), c.MAC)
	}
	if id := strings.ToLower(q.Get("uuid")); isUUID(id) {
		c.UUID = id
	}
	c.Serial, c.Manufacturer, c.Product = smbios(q.Get("serial")), smbios(q.Get("manufacturer")), smbios(q.Get("product"))
	c.Arch = arch(q.Get("platform"), c.Arch)
	return c, nil
}

// arch prefers what iPXE runs on to what DHCP said: an iPXE from a network
// card's ROM may send another architecture than the firmware did.
func arch(platform string, dhcp boot.Arch) boot.Arch {
	switch {
	case platform == "efi" && !dhcp.UEFI():
		return boot.ArchEFI64
	case platform == "pcbios":
		return boot.ArchBIOS
	}
	return dhcp
}

func isUUID(s string) bool {
	return regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(s)
}

// smbios reads one of SMBIOS's strings, which the script has iPXE send in
// hexadecimal.
func smbios(s string) string {
	b, err := hex.DecodeString(s)
	if err != nil {
		return ""
	}
	return field(string(b))
}

// field cleans and cuts s.
func field(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\ufffd' {
			return -1
		}
		return r
	}, s)
	if len(s) > maxField {
		s = strings.ToValidUTF8(s[:maxField], "")
	}
	return strings.TrimSpace(s)
}
