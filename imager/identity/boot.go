package identity

import (
	"slices"
	"strings"
)

// FromBoot finds the machine by what its firmware tells before an inventory
// exists: the address it boots through, and perhaps a UUID and a serial. It
// returns 0 in any doubt. A credible UUID must be that of exactly one known
// machine which also has the address or the serial; without one, the address
// must be a built-in interface of exactly one.
func FromBoot(mac, uuid, serial string, known []Known) int {
	u, told := ParseUUID(uuid)
	told = told && !u.Lie()
	mac = strings.ToLower(mac)
	var found []int
	for _, k := range known {
		if told {
			if v, ok := ParseUUID(k.Inventory.System.UUID); !ok || !u.Same(v) {
				continue
			}
			found = append(found, k.Number)
			continue
		}
		global, local := builtIn(k.Inventory.NICs)
		if slices.Contains(global, mac) || slices.Contains(local, mac) {
			found = append(found, k.Number)
		}
	}
	if len(found) != 1 {
		return 0
	}
	i := slices.IndexFunc(known, func(k Known) bool { return k.Number == found[0] })
	if agrees(known[i], mac, serial, told) {
		return found[0]
	}
	return 0
}

func agrees(k Known, mac, serial string, byUUID bool) bool {
	here, there := credible(serial), credible(k.Inventory.System.Serial)
	if here != "" && there != "" {
		return here == there
	}
	if !byUUID {
		return true // found by the address
	}
	for _, n := range k.Inventory.NICs {
		if strings.EqualFold(n.MAC, mac) {
			return true
		}
	}
	return false
}
