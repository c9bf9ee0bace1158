package config

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"

	"regain.example/imager"
)

var (
	uuidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	wwnForm  = regexp.MustCompile(`^(naa\.|eui\.|0x)?[0-9a-f]{16}([0-9a-f]{16})?$`)
)

// validateProtected writes the entries of the list in the form that inventories
// have, and says which could protect nothing.
func validateProtected(list []imager.Protected) error {
	var errs []error
	for i := range list {
		p := &list[i]
		bad := func(format string, a ...any) {
			errs = append(errs, fmt.Errorf("protected, entry %d: %w", i+1, fmt.Errorf(format, a...)))
		}
		for _, field := range []*string{&p.UUID, &p.Serial, &p.MAC, &p.DriveSerial, &p.DriveWWN, &p.Reason} {
			*field = strings.TrimSpace(*field)
		}
		p.UUID, p.DriveWWN = strings.ToLower(p.UUID), strings.ToLower(p.DriveWWN)
		if p.UUID+p.Serial+p.MAC+p.DriveSerial+p.DriveWWN == "" {
			bad("it names nothing: give uuid, serial, mac, drive_serial or drive_wwn")
		}
		if p.Reason == "" {
			bad("reason: write why it is protected; whoever tries to erase it reads that")
		}
		if p.UUID != "" && !uuidForm.MatchString(p.UUID) {
			bad("uuid: %q is not a UUID such as 4c4c4544-0042-3510-8052-b4c04f4d3232", p.UUID)
		}
		if p.DriveWWN != "" && !wwnForm.MatchString(p.DriveWWN) {
			bad("drive_wwn: %q is neither 16 nor 32 hexadecimal digits, with naa. or eui. before them or not", p.DriveWWN)
		}
		if p.MAC == "" {
			continue
		}
		mac, err := net.ParseMAC(p.MAC)
		if err != nil || len(mac) != 6 {
			bad("mac: %q is not an address such as 00:1b:21:3a:4b:5c", p.MAC)
			continue
		}
		p.MAC = mac.String()
	}
	return errors.Join(errs...)
}
