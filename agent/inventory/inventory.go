// Package inventory takes stock of the machine: what it is, what it is made of,
// and how it was booted.
package inventory

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"regain.example/agent/api"
)

// Drives lists the drives of the machine; *drive.Host does.
type Drives interface {
	Discover() ([]api.Drive, error)
}

// Machine is what an inventory is taken of.
type Machine struct {
	Sys    string // where sysfs is mounted, with efivarfs and securityfs in it
	Proc   string // where procfs is mounted
	Drives Drives
	// PermanentMAC asks the driver of an interface for the address that is
	// burnt in.
	PermanentMAC func(nic string) (string, error)
}

// Boot is what the agent knows of its own start.
type Boot struct {
	MAC          string // of the interface that the machine booted through; may be empty
	AgentVersion string
}

// Take takes the inventory. It fails only if the drives cannot be listed:
// whatever else a machine does not tell stays empty.
func (m Machine) Take(boot Boot) (api.Inventory, error) {
	drives, err := m.Drives.Discover()
	if err != nil {
		return api.Inventory{}, fmt.Errorf("take the inventory: %w", err)
	}
	slots := driveSlots(m.smbios())
	m.bays(drives, slots)
	return api.Inventory{
		System:       m.system(),
		Firmware:     m.firmware(),
		CPU:          m.cpu(),
		MemoryBytes:  m.memory(),
		NICs:         m.nics(boot.MAC),
		TPM:          m.tpm(),
		Storage:      m.storage(drives, slots),
		Drives:       drives,
		AgentVersion: boot.AgentVersion,
		Kernel:       text(filepath.Join(m.Proc, "sys/kernel/osrelease")),
	}, nil
}

// text returns a short file's content without surrounding space and without
// what is not printable; empty if it cannot be read.
func text(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return clean(string(b))
}

// clean replaces everything but printable ASCII, since machines may carry
// anything in their strings and these are shown on screens.
func clean(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return ' '
		}
		return r
	}, s))
}
