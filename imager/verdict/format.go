package verdict

import (
	"regain.example/agent/api"
	"regain.example/imager"
)

// The Format NVM command (NVM Express Base Specification 2.0, section 5.14,
// figure 183).
const (
	opcodeFormat = 0x80
	sesShift     = 9 // CDW10 bits 11:09, Secure Erase Settings
	sesMask      = 7 << sesShift
	sesUserData  = 1
	sesCrypto    = 2
)

// keeps is CDW10 of a format that leaves LBA format, metadata and protection as
// they are, its secure erase setting apart.
func keeps(n api.NVMe) uint32 {
	c := uint32(n.LBAFormat&0xf) | uint32(n.LBAFormat>>4&3)<<12 // LBAFL, LBAFU
	if n.MetadataExt {
		c |= 1 << 4 // MSET
	}
	return c | uint32(n.Protection&7)<<5 | uint32(n.Protection>>3&1)<<8 // PI, PIL
}

// canFormat wants a drive that says it can do the method: one that accepts a
// cryptographic erase which it does not advertise may have done nothing. (OACS bit
// 1, FNA bit 2: NVM Express Base Specification 2.0, figure 275.)
func canFormat(plan imager.JobDrive, ev *api.DriveEvidence, m api.Method) *fault {
	for _, n := range []*api.NVMe{plan.Drive.NVMe, ev.Before.NVMe} {
		switch {
		case n == nil:
			return advertised.because("the drive is no NVMe drive, which alone can be formatted")
		case n.OACS&(1<<1) == 0:
			return advertised.because("the drive does not advertise the format command")
		case m == api.MethodFormatCrypto && n.FNA&(1<<2) == 0:
			return advertised.because("the drive does not advertise a cryptographic erase by format")
		}
	}
	return nil
}

// Bits of FNA: a format, or the secure erase of one, reaches all namespaces.
const (
	fnaFormatAll = 1 << 0
	fnaEraseAll  = 1 << 1
)

// formatted wants every Format NVM to be of the method's kind and successful, and
// exactly one for this namespace, which keeps its LBA format. Where a format
// reaches all namespaces, others of the drive were formatted beside it, or one
// command was sent for all.
func formatted(plan imager.JobDrive, ev *api.DriveEvidence, a api.Attempt) *fault {
	if f := canFormat(plan, ev, a.Method); f != nil {
		return f
	}
	want := uint32(sesUserData)
	if a.Method == api.MethodFormatCrypto {
		want = sesCrypto
	}
	n := *plan.Drive.NVMe
	sent, others := 0, 0
	for _, c := range a.Commands {
		if !erases(c) {
			continue
		}
		// An agent of wire version 1 names no namespace, and fails for want
		// of samples.
		own := c.NSID == n.NSID || c.NSID == 0 && len(plan.SampleSeed) == 0
		if own {
			sent++
		} else {
			others++
		}
		switch {
		case c.Opcode != opcodeFormat:
			return command.because("%s was sent besides a format", c.Name)
		case c.Status != 0 || c.Error != "":
			return command.because("%s ended with status %#x %s", c.Name, c.Status, c.Error)
		case c.Arguments&sesMask != want<<sesShift:
			return command.because("%s was sent with secure erase setting %d instead of %d", c.Name, c.Arguments&sesMask>>sesShift, want)
		case own && c.Arguments&^sesMask != keeps(n):
			return command.because("%s was sent with another LBA format, metadata or protection than the drive had", c.Name)
		}
	}
	switch {
	case others > 0 && n.FNA&(fnaFormatAll|fnaEraseAll) == 0:
		return command.because("another namespace (of %d) was formatted, and that reaches no further", n.Namespaces)
	case n.FNA&fnaEraseAll != 0 && sent+others != 1, n.FNA&fnaEraseAll == 0 && sent != 1, others >= max(n.Namespaces, 1):
		return command.because("the format command was sent %d times for this namespace and %d times for others", sent, others)
	}
	return nil
}
