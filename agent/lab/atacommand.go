package lab

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"regain.example/agent/api"
)

// Registers are the inputs and outputs of an ATA command (ACS-4 section 6).
type Registers struct {
	Command        uint8
	Feature, Count uint16
	LBA            uint64
	// Status and Error are outputs: Status bit 0 says that Error is valid, and
	// Error bit 2 that the command was aborted.
	Status, Error uint8
}

// Commands (ACS-4 section 7).
const (
	ataReadDMAExt  = 0x25
	ataWriteDMAExt = 0x35
	ataFlushExt    = 0xea
	ataIdentify    = 0xec
)

// aborted is the answer to a command that the disk does not have.
var aborted = Registers{Status: 1 << 0, Error: 1 << 2}

// Do takes one command. The error is that of a disk which is not there any more.
func (d *Disk) Do(in Registers, data []byte) (out Registers, err error) {
	err = d.m.step(d.gone, func(amid bool) error {
		out = d.run(in, data, amid)
		return nil
	})
	return out, err
}

func (d *Disk) run(in Registers, data []byte, amid bool) Registers {
	for _, f := range d.spec.Features {
		if out, ok := f.Do(d, in, data); ok {
			return out
		}
	}
	var err error
	switch at := int64(in.LBA) * int64(d.spec.Sector); in.Command {
	case ataIdentify:
		clear(data)
		copy(data, d.identify())
	case ataReadDMAExt, ataWriteDMAExt, ataFlushExt:
		err = d.transfer(in.Command, data, at, amid)
	default:
		return aborted
	}
	if err != nil {
		return aborted
	}
	return Registers{}
}

func (d *Disk) transfer(command uint8, data []byte, at int64, amid bool) error {
	if err := d.blocked(); err != nil {
		return err
	}
	var err error
	switch command {
	case ataReadDMAExt:
		_, err = d.v.read(data, at, false)
	case ataWriteDMAExt:
		_, err = d.v.write(data, at)
	case ataFlushExt:
		err = d.v.flush(amid)
	}
	return err
}

func (d *Disk) blocked() error {
	for _, f := range d.spec.Features {
		if f.Blocked(d) {
			return unix.EIO
		}
	}
	return nil
}

func (d *Disk) raw() (api.Identify, error) {
	d.m.mu.Lock()
	defer d.m.mu.Unlock()
	return api.Identify{ATA: d.identify()}, nil
}

// identify writes the IDENTIFY DEVICE data by the word numbers of ACS-4 table
// 55.
func (d *Disk) identify() []byte {
	var words [256]uint16
	ataString(words[10:20], d.spec.Serial)
	ataString(words[23:27], d.spec.Firmware)
	ataString(words[27:47], d.spec.Model)
	sectors := uint64(d.spec.Bytes) / uint64(d.spec.Sector)
	short := min(sectors, 0x0fffffff)
	words[60], words[61] = uint16(short), uint16(short>>16)
	words[83] = 1<<14 | 1<<13 | 1<<10 // FLUSH CACHE EXT, 48-bit addresses
	words[87] = 1 << 14
	for i := range 4 {
		words[100+i] = uint16(sectors >> (16 * i))
	}
	if d.spec.Sector > 512 {
		words[106] = 1<<14 | 1<<12
		words[117], words[118] = uint16(d.spec.Sector/2), uint16(d.spec.Sector/2>>16)
	}
	if d.spec.WWN != 0 {
		words[87] |= 1 << 8
		for i := range 4 {
			words[108+i] = uint16(d.spec.WWN >> (48 - 16*i))
		}
	}
	for _, f := range d.spec.Features {
		f.Identify(&words)
	}
	data := make([]byte, 0, 512)
	for _, w := range words {
		data = binary.LittleEndian.AppendUint16(data, w)
	}
	data[510], data[511] = 0xa5, 0 // the sum of all bytes is zero
	var sum byte
	for _, b := range data {
		sum += b
	}
	data[511] = -sum
	return data
}

// ataString writes a string with the first character of each pair in the high
// byte, padded with spaces (ACS-4 section 3.4.9).
func ataString(words []uint16, s string) {
	for i := range words {
		pair := [2]byte{' ', ' '}
		if 2*i < len(s) {
			copy(pair[:], s[2*i:])
		}
		words[i] = uint16(pair[0])<<8 | uint16(pair[1])
	}
}
