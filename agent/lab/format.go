package lab

import "regain.example/agent/nvme"

// format serves Format NVM (Base section 5.14, figure 183): LBAFL in bits 3:0,
// MSET 4, PI 7:5, PIL 8, SES 11:9. It keeps the namespace's format or is refused.
// FNA bit 0 is for formats without a secure erase, bit 1 for those with one
// (Base 2.3 section 5.2.10, figure 192).
func (c *Controller) format(cmd nvme.Command, amid bool) uint16 {
	const supported, cryptographic, formatAll, eraseAll = 1 << 1, 1 << 2, 1 << 0, 1 << 1
	ses := cmd.CDW10 >> 9 & 7
	if c.spec.OACS&supported == 0 {
		return invalidOpcode
	}
	if ses > 2 || ses == 2 && c.spec.FNA&cryptographic == 0 {
		return invalidField
	}
	all := cmd.NSID == 0xffffffff || ses == 0 && c.spec.FNA&formatAll != 0 || ses != 0 && c.spec.FNA&eraseAll != 0
	asked := c.namespace(cmd.NSID)
	if !all && (asked == nil || asked.spec.Inactive) {
		return invalidNamespace
	}
	content := zeros
	if ses == 2 {
		content = noise(uint64(len(c.sent))<<32 | 0x666d74)
	}
	var targets []*namespace
	for _, n := range c.namespaces {
		if n.spec.Inactive || !all && n != asked {
			continue
		}
		if cmd.CDW10&0x1ff != n.formatField() {
			return invalidFormat
		}
		targets = append(targets, n)
	}
	if c.Lies.FirstNamespaceOnly {
		targets = c.namespaces[:1]
	}
	for _, n := range targets {
		below := n.v.medium.size
		if amid {
			below = below / page / 2 * page
		}
		n.v.eraseTo(below, content, n.v.beginErase())
	}
	c.log.status &^= globalErased
	if !amid {
		c.erased()
	}
	return 0
}

// erased is called when an erasure is complete, and changes what the drive then
// tells of itself.
func (c *Controller) erased() {
	if c.Lies.OtherSerial {
		c.serial = c.spec.Serial + "X"
	}
	for _, n := range c.namespaces {
		if c.Lies.OtherSize {
			n.smaller = mib
		}
		n.other = n.other || c.Lies.OtherFormat
	}
}
