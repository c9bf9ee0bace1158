package inspect

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// readMBR reads the four primary partitions of a first sector (UEFI 2.10 section
// 5.2.1). Logical partitions are not looked into: what boots, grows or carries an
// identity is a primary one.
func readMBR(sector []byte, size uint64) (Disk, error) {
	disk := Disk{Scheme: MBR, LogicalSector: 512, BootCode: !bytes.Equal(sector[:440], make([]byte, 440))}
	le := binary.LittleEndian
	for i := range 4 {
		e := sector[446+16*i:][:16]
		if e[4] == 0 {
			continue
		}
		if e[0] != 0 && e[0] != 0x80 {
			return Disk{}, fmt.Errorf("%w: entry %d of the MBR has the boot flag %#02x", ErrNoTable, i+1, e[0])
		}
		p := Partition{
			Number: i + 1,
			Offset: uint64(le.Uint32(e[8:])) * 512,
			Length: uint64(le.Uint32(e[12:])) * 512,
			Type:   fmt.Sprintf("%02x", e[4]),
			Active: e[0] == 0x80,
		}
		// A protective entry counts sectors of the disk it was made for.
		if p.Type != typeMBRGPT && (p.Offset == 0 || p.Length == 0 || p.Offset+p.Length > size) {
			return Disk{}, fmt.Errorf("%w: partition %d of the MBR does not lie on the disk of %d bytes", ErrNoTable, p.Number, size)
		}
		disk.Partitions = append(disk.Partitions, p)
	}
	if len(disk.Partitions) == 0 {
		return Disk{}, fmt.Errorf("%w: the MBR has no partition", ErrNoTable)
	}
	return disk, nil
}
