package inventory

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"regain.example/agent/api"
)

var onUSB = regexp.MustCompile(`/usb\d+/`)

// nics lists the interfaces that have a device behind them; loopback, bridges
// and the like have none.
func (m Machine) nics(bootMAC string) []api.NIC {
	entries, _ := os.ReadDir(filepath.Join(m.Sys, "class/net"))
	var nics []api.NIC
	for _, e := range entries {
		dir := filepath.Join(m.Sys, "class/net", e.Name())
		device, err := filepath.EvalSymlinks(filepath.Join(dir, "device"))
		if err != nil {
			continue
		}
		present := strings.ToLower(text(filepath.Join(dir, "address")))
		nic := api.NIC{
			Name:      e.Name(),
			MAC:       m.mac(e.Name(), present),
			Driver:    base(filepath.Join(device, "driver")),
			Bus:       base(filepath.Join(device, "subsystem")),
			Removable: onUSB.MatchString(device + "/"),
		}
		boot := strings.ToLower(bootMAC)
		nic.Boot = boot != "" && (boot == nic.MAC || boot == present)
		nics = append(nics, nic)
	}
	return nics
}

// mac is the permanent address, or the present one where the driver tells none.
func (m Machine) mac(name, present string) string {
	permanent, err := m.PermanentMAC(name)
	if err != nil || strings.Trim(permanent, "0:") == "" {
		return present
	}
	return strings.ToLower(permanent)
}

// base is the last part of what a link points to; empty if there is no link.
func base(link string) string {
	target, err := os.Readlink(link)
	if err != nil {
		return ""
	}
	return filepath.Base(target)
}
