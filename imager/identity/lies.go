package identity

import (
	"net"
	"strings"

	"regain.example/agent/api"
)

// lies are what firmware says where nobody filled in a serial; compared in lower
// case, with everything but letters and digits removed.
func lies() []string {
	return []string{
		"tobefilledbyoem", "defaultstring", "systemserialnumber", "baseboardserialnumber",
		"chassisserialnumber", "serialnumber", "serial", "none", "na", "notapplicable",
		"notspecified", "notavailable", "unknown", "invalid", "oem", "empty", "null",
		"systemproductname", "chassisassettag", "assettag", "noassettag", "sn", "xxx",
		"typeserialnumber", "mbserialnumber", "bsn12345678901234567", "default",
	}
}

// credible returns the serial in the form in which serials are compared, or ""
// if it is one that nobody filled in.
func credible(serial string) string {
	s := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, strings.ToLower(serial))
	if len(s) < 4 || oneCharacter(s) || counts(s) {
		return ""
	}
	for _, lie := range lies() {
		if s == lie {
			return ""
		}
	}
	return s
}

// Credible reports whether serial is one that somebody filled in.
func Credible(serial string) bool { return credible(serial) != "" }

// oneCharacter reports whether s repeats one character: "00000000", "XXXX".
func oneCharacter(s string) bool { return strings.Trim(s, s[:1]) == "" }

// counts reports whether s is "123456789", "0123456789", "1234567890abcdef" and
// the like.
func counts(s string) bool {
	const up = "01234567890123456789"
	digits := strings.TrimRight(s, "abcdef")
	return len(digits) >= 4 && strings.Contains(up, digits) &&
		strings.HasPrefix("abcdef", s[len(digits):])
}

// builtIn returns the addresses of the interfaces that stay with the machine.
// Docks and USB adapters move; group addresses and zeros are no addresses.
func builtIn(nics []api.NIC) (global, local []string) {
	for _, n := range nics {
		mac, err := net.ParseMAC(n.MAC)
		if err != nil || len(mac) != 6 || n.Removable || n.Bus == "usb" {
			continue
		}
		text := mac.String()
		switch {
		case mac[0]&1 != 0 || oneCharacter(strings.ReplaceAll(text, ":", "")):
		case mac[0]&2 != 0: // locally administered: anybody may have drawn it
			local = append(local, text)
		default:
			global = append(global, text)
		}
	}
	return global, local
}

// fixedDrives returns the identities of the drives that are built in and have a
// name of their own.
func fixedDrives(drives []api.Drive) []string {
	var ids []string
	for _, d := range drives {
		if d.Excluded == "" && !d.Removable && d.Bus != api.BusUSB && d.Named() {
			ids = append(ids, string(d.ID()))
		}
	}
	return ids
}
