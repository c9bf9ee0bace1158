package boot

import "net/netip"

// Machines tells which machine has an address. TFTP and HTTP know a machine by
// nothing else; the leases answer.
//
// Beside it stands what the boot loader says later (dhcp.Table.Learn): the
// decision at each step must rest on the same knowledge, or GRUB would be told
// something else than iPXE was a second before.
type Machines interface {
	// Client returns what the machine that holds addr said of itself when it
	// asked for the address. It is false for an address that no machine has.
	Client(addr netip.Addr) (Client, bool)
}
