package plan

import (
	"cmp"
	"fmt"
	"net"
	"slices"
	"strings"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/identity"
)

// Protected says which entries of the list of protected machines and drives the
// machine meets, and what to do; empty if none. No approval overrides it. Letter
// case, spaces around, the byte order of a UUID and the prefix of a world-wide
// name do not count. Devices that are not erased count as drives, too.
func Protected(list []imager.Protected, inv api.Inventory) (said []string) {
	for _, p := range list {
		if p == (imager.Protected{Reason: p.Reason}) || !ofMachine(p, inv) {
			continue
		}
		why := cmp.Or(strings.TrimSpace(p.Reason), "no reason is given")
		if p.DriveSerial == "" && p.DriveWWN == "" {
			said = append(said, fmt.Sprintf("this machine is protected (%s): it is never erased here, take it off the bench", why))
			continue
		}
		for _, d := range inv.Drives {
			if ofDrive(p, d) {
				said = append(said, fmt.Sprintf("drive %s is protected (%s): it is never erased here, take it out of the machine", Name(d), why))
			}
		}
	}
	return said
}

func ofMachine(p imager.Protected, inv api.Inventory) bool {
	s := inv.System
	return (p.UUID == "" || sameUUID(p.UUID, s.UUID)) &&
		(p.Serial == "" || sameText(p.Serial, s.Serial) || sameText(p.Serial, s.BoardSerial) || sameText(p.Serial, s.ChassisSerial)) &&
		(p.MAC == "" || slices.ContainsFunc(inv.NICs, func(n api.NIC) bool { return sameMAC(p.MAC, n.MAC) }))
}

func ofDrive(p imager.Protected, d api.Drive) bool {
	return (p.DriveSerial == "" || sameText(p.DriveSerial, d.Serial)) &&
		(p.DriveWWN == "" || sameName(p.DriveWWN, d.WWN) || sameName(p.DriveWWN, d.EUI64) || sameName(p.DriveWWN, d.NGUID))
}

func sameText(a, b string) bool {
	fold := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
	return fold(a) != "" && fold(a) == fold(b)
}

func sameUUID(a, b string) bool {
	u, ok := identity.ParseUUID(a)
	v, told := identity.ParseUUID(b)
	return ok && told && u.Same(v) || sameText(a, b)
}

func sameMAC(a, b string) bool {
	m, err := net.ParseMAC(strings.TrimSpace(a))
	n, untold := net.ParseMAC(strings.TrimSpace(b))
	return err == nil && untold == nil && m.String() == n.String() || sameText(a, b)
}

// sameName compares world-wide names by their digits: "naa.5000C500...",
// "0x5000c500..." and "5000c500-..." are one.
func sameName(a, b string) bool {
	digits := func(s string) string {
		s = strings.ToLower(strings.TrimSpace(s))
		for _, prefix := range []string{"naa.", "eui.", "uuid.", "0x"} {
			s = strings.TrimPrefix(s, prefix)
		}
		return strings.NewReplacer("-", "", ":", "", " ", "").Replace(s)
	}
	return digits(a) != "" && digits(a) == digits(b)
}
