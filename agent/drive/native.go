package drive

import (
	"encoding/binary"
	"errors"
	"fmt"

	"regain.example/agent/api"
)

// ATA commands that are sent (ACS-4 section 7, ACS-3 for the second).
const (
	ataIdentify           = 0xec
	ataReadNativeMaxExt   = 0x27 // of the HPA feature set
	ataGetNativeMaxExt    = 0x78 // feature 0000h, of Accessible Max Address Configuration
	ataReturnDescriptor   = 0x09 // sense data descriptor "ATA Status Return"
	ataReturnLength       = 0x0c
	ataStatusError        = 1 << 0
	senseDescriptorFormat = 0x72
)

// nativeAsker is an Asker that can ask an ATA disk for its native size.
type nativeAsker interface {
	// ATANativeMax returns the native maximum address that the disk with this
	// node tells by one of the commands for it.
	ATANativeMax(node string, command uint8) (uint64, error)
}

// NativeBytes is the size that a drive would have without limits set by
// software; 0 if it does not tell. For NVMe it is the capacity of the whole
// drive, over all namespaces and what belongs to none; for ATA what a host
// protected area hides is part of it.
func (h *Host) NativeBytes(d api.Drive) uint64 {
	switch {
	case d.NVMe != nil:
		return d.NVMe.TotalBytes
	case d.Bus == api.BusATA:
		return h.ataNativeBytes(d)
	}
	return 0
}

func (h *Host) ataNativeBytes(d api.Drive) uint64 {
	native, can := h.ask.(nativeAsker)
	if !can {
		return 0
	}
	data, err := h.ask.ATAIdentify(d.Node)
	if err != nil {
		return 0
	}
	command, ok := nativeMaxCommand(data)
	if !ok {
		return 0
	}
	last, err := native.ATANativeMax(d.Node, command)
	if err != nil || last == 0 {
		return 0
	}
	return (last + 1) * uint64(d.LogicalSector)
}

// nativeMaxCommand tells from IDENTIFY DEVICE data (ACS-4 table 55) by which
// command the drive tells its native size: word 119 bit 8 is Accessible Max
// Address Configuration; word 82 bit 10 is HPA, and word 83 bit 10 says that it
// has addresses of 48 bits.
func nativeMaxCommand(data []byte) (command uint8, ok bool) {
	if _, err := parseATAIdentify(data); err != nil {
		return 0, false
	}
	word := func(n int) uint16 { return binary.LittleEndian.Uint16(data[2*n:]) }
	valid := func(n int) bool { return word(n)&0xc000 == 0x4000 } // bits 15:14 are 01b
	switch {
	case valid(119) && word(119)&(1<<8) != 0:
		return ataGetNativeMaxExt, true
	case valid(83) && word(82)&(1<<10) != 0 && word(83)&(1<<10) != 0:
		return ataReadNativeMaxExt, true
	}
	return 0, false
}

// returnedLBA reads the LBA that a command returned from descriptor sense data
// (SPC-5 section 4.4.2; ATA Status Return descriptor, SAT-4 section 12.2.2.7:
// byte 3 error, 6 to 11 the LBA, 13 status).
func returnedLBA(sense []byte) (uint64, error) {
	if len(sense) < 8 || sense[0]&0x7f != senseDescriptorFormat {
		return 0, errors.New("the drive's registers were not returned")
	}
	for list := sense[8:]; len(list) >= 2; list = list[2+int(list[1]):] {
		length := 2 + int(list[1])
		if length > len(list) {
			break
		}
		if list[0] != ataReturnDescriptor || list[1] != ataReturnLength {
			continue
		}
		r := list[:length]
		if r[13]&ataStatusError != 0 {
			return 0, fmt.Errorf("the drive refused the command (error %#02x)", r[3])
		}
		return uint64(r[7]) | uint64(r[9])<<8 | uint64(r[11])<<16 |
			uint64(r[6])<<24 | uint64(r[8])<<32 | uint64(r[10])<<40, nil
	}
	return 0, errors.New("the drive's registers were not returned")
}
