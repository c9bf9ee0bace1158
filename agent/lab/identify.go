package lab

import (
	"encoding/binary"
	"math/bits"

	"regain.example/agent/nvme"
)

// identify serves Identify (Base section 5.17): CDW10 bits 7:0 are the CNS.
func (c *Controller) identify(cmd nvme.Command, data []byte) uint16 {
	const management = 1 << 3 // OACS: Namespace Management
	clear(data)
	switch cmd.CDW10 & 0xff {
	case 0x00:
		n := c.namespace(cmd.NSID)
		if n == nil {
			return invalidNamespace
		}
		if !n.spec.Inactive { // an inactive one answers with zeros
			n.identify(data)
		}
	case 0x01:
		c.identifyController(data)
	case 0x02:
		c.list(data, cmd.NSID, func(n *namespace) bool { return !n.spec.Inactive })
	case 0x10:
		if c.spec.OACS&management == 0 {
			return invalidField
		}
		c.list(data, cmd.NSID, func(*namespace) bool { return true })
	default:
		return invalidField
	}
	return 0
}

// identifyController writes Base figure 275.
func (c *Controller) identifyController(data []byte) {
	le := binary.LittleEndian
	total := c.spec.Unallocated
	for _, n := range c.namespaces {
		total += n.v.medium.size
	}
	spaced(data[4:24], c.serial)
	spaced(data[24:64], c.spec.Model)
	spaced(data[64:72], c.spec.Firmware)
	data[77] = 5 // MDTS: 2^5 pages, 128 KiB
	le.PutUint16(data[256:], c.spec.OACS)
	le.PutUint64(data[280:], uint64(total))              // TNVMCAP
	le.PutUint64(data[296:], uint64(c.spec.Unallocated)) // UNVMCAP
	le.PutUint32(data[328:], c.spec.SANICAP)
	le.PutUint32(data[516:], uint32(len(c.namespaces))) // NN
	data[524] = c.spec.FNA
	data[525] = 1 // VWC: there is a volatile write cache
}

// spaced writes a string in ASCII, padded with spaces.
func spaced(p []byte, s string) {
	for i := range p {
		p[i] = ' '
	}
	copy(p, s)
}

// list writes a namespace list: those above an identifier, ascending.
func (c *Controller) list(data []byte, above uint32, wanted func(*namespace) bool) {
	at := 0
	for _, n := range c.namespaces {
		if n.id > above && wanted(n) && at+4 <= len(data) {
			binary.LittleEndian.PutUint32(data[at:], n.id)
			at += 4
		}
	}
}

// identify writes NVM figure 97. The format in use is number 0; number 1 has the
// same sectors with 8 bytes of metadata.
func (n *namespace) identify(data []byte) {
	le := binary.LittleEndian
	blocks := uint64(n.v.medium.size-n.smaller) / uint64(n.v.sector)
	for _, at := range []int{0, 8, 16} { // NSZE, NCAP, NUSE
		le.PutUint64(data[at:], blocks)
	}
	shift := uint32(bits.TrailingZeros(uint(n.v.sector)))
	data[25] = 1 // NLBAF, less one
	data[26] = uint8(n.formatField() & 0x1f)
	data[29] = n.spec.Protection
	le.PutUint32(data[128:], uint32(n.spec.Metadata)|shift<<16)
	le.PutUint32(data[132:], 8|shift<<16)
	binary.BigEndian.PutUint64(data[120:], n.spec.EUI64)
	if n.other {
		data[26] = 1
	}
}

// formatField is the format in use as Format NVM's CDW10 bits 8:0 put it.
func (n *namespace) formatField() uint32 {
	return uint32(n.spec.Protection&7)<<5 | uint32(n.spec.Protection>>3&1)<<8
}
