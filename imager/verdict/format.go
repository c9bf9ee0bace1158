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

// formatted wants exactly one Format NVM, of the method's kind and for the LBA
// format that the drive had, with success.
func formatted(plan imager.JobDrive, ev *api.DriveEvidence, a api.Attempt) *fault {
	if f := canFormat(plan, ev, a.Method); f != nil {
		return f
	}
	want := uint32(sesUserData)
	if a.Method == api.MethodFormatCrypto {
		want = sesCrypto
	}
	sent := 0
	for _, c := range a.Commands {
		if !erases(c) {
			continue
		}
		sent++
		switch {
		case c.Opcode != opcodeFormat:
			return command.because("%s was sent besides a format", c.Name)
		case c.Status != 0 || c.Error != "":
			return command.because("%s ended with status %#x %s", c.Name, c.Status, c.Error)
		case c.Arguments&sesMask != want<<sesShift:
			return command.because("%s was sent with secure erase setting %d instead of %d", c.Name, c.Arguments&sesMask>>sesShift, want)
		case c.Arguments&^sesMask != keeps(*plan.Drive.NVMe):
			return command.because("%s was sent with another LBA format, metadata or protection than the drive had", c.Name)
		}
	}
	if sent != 1 {
		return command.because("the format command was sent %d times instead of once", sent)
	}
	return nil
}
