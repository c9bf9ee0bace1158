package identity

import (
	"slices"
	"strings"
)

// FromBoot finds the machine by what its firmware tells before an inventory
// exists: the address it boots through, and perhaps a UUID and a serial. It
// returns 0 in any doubt; the machine then gets the agent, which tells the rest.
//
//	told                        is the one known machine that
//	a credible UUID             has this UUID, and the serial if both tell one,
//	                            else the address as a built-in interface
//	none, or a placeholder      has no credible UUID either, the address as a
//	                            built-in interface that the maker numbered, and
//	                            the serial if both tell one
//
// The address of a dock or a USB adapter never speaks for a machine: it goes from
// one to the next, also in a batch whose UUID is the same. A machine that was
// known by a UUID and does not tell it is another one behind the same address.
func FromBoot(mac, uuid, serial string, known []Known) int {
	told, mac := Canonical(uuid), strings.ToLower(mac)
	var found []Known
	for _, k := range known {
		if Canonical(k.Inventory.System.UUID) == told && (told != "" || hasGlobal(k, mac)) {
			found = append(found, k)
		}
	}
	if len(found) != 1 || !borneOut(found[0], mac, serial) {
		return 0
	}
	return found[0].Number
}

// borneOut reports whether a second witness agrees, and none contradicts.
func borneOut(k Known, mac, serial string) bool {
	here, there := credible(serial), credible(k.Inventory.System.Serial)
	if here != "" && there != "" {
		return here == there
	}
	global, local := builtIn(k.Inventory.NICs)
	return slices.Contains(global, mac) || slices.Contains(local, mac)
}

func hasGlobal(k Known, mac string) bool {
	global, _ := builtIn(k.Inventory.NICs)
	return slices.Contains(global, mac)
}
