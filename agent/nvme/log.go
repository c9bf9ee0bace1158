package nvme

import "fmt"

// Log page identifiers (Base section 5.16.1).
const (
	logHealth   = 0x02
	logSanitize = 0x81
	logBytes    = 512 // of either page
)

// allNamespaces is the NSID that stands for the controller as a whole.
const allNamespaces = 0xffffffff

// readLog asks for a log page by Get Log Page (Base section 5.16): CDW10 bits
// 7:0 name it, bits 31:16 are the lower part of the number of dwords less one.
func readLog(t Transport, page uint32, data []byte) error {
	clear(data)
	dwords := uint32(len(data)/4 - 1)
	c := Command{Opcode: OpcodeGetLogPage, NSID: allNamespaces, CDW10: page | dwords&0xffff<<16, CDW11: dwords >> 16}
	if err := t.Admin(c, data); err != nil {
		return fmt.Errorf("read log page %02xh: %w", page, err)
	}
	return nil
}
