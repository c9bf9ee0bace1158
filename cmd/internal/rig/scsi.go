package rig

import "fmt"

const sector = 512

// Operation codes (SPC-4 and SBC-3).
const (
	opTestUnitReady    = 0x00
	opRequestSense     = 0x03
	opInquiry          = 0x12
	opModeSense6       = 0x1a
	opStartStop        = 0x1b
	opReadCapacity10   = 0x25
	opRead10           = 0x28
	opWrite10          = 0x2a
	opSyncCache10      = 0x35
	opModeSense10      = 0x5a
	opRead16           = 0x88
	opWrite16          = 0x8a
	opSyncCache16      = 0x91
	opServiceActionIn  = 0x9e
	opReportLUNs       = 0xa0
	actionReadCapacity = 0x10
)

// execute carries out one command.
func (d *Drive) execute(cdb []byte, out, in [][]byte) result {
	sectors := uint64(len(d.medium.Bytes) / sector)
	switch cdb[0] {
	case opTestUnitReady, opStartStop:
		return result{}
	case opRequestSense:
		return data(in, make([]byte, 18))
	case opInquiry:
		return d.inquiry(cdb, in)
	case opReportLUNs:
		return data(in, []byte{0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	case opReadCapacity10:
		b := be.AppendUint32(nil, uint32(min(sectors-1, 0xffffffff)))
		return data(in, be.AppendUint32(b, sector))
	case opServiceActionIn:
		if cdb[1]&0x1f != actionReadCapacity {
			return invalidField()
		}
		b := be.AppendUint64(nil, sectors-1)
		b = be.AppendUint32(b, sector)
		return data(in, append(b, make([]byte, 20)...))
	case opModeSense6:
		return data(in, append([]byte{3 + cachingPageLen, 0, 0, 0}, cachingPage()...))
	case opModeSense10:
		return data(in, append([]byte{0, 6 + cachingPageLen, 0, 0, 0, 0, 0, 0}, cachingPage()...))
	case opRead10:
		return d.read(uint64(be.Uint32(cdb[2:])), in)
	case opRead16:
		return d.read(be.Uint64(cdb[2:]), in)
	case opWrite10:
		return d.write(uint64(be.Uint32(cdb[2:])), out)
	case opWrite16:
		return d.write(be.Uint64(cdb[2:]), out)
	case opSyncCache10, opSyncCache16:
		if !d.cfg.flush(d.medium) {
			return writeError()
		}
		return result{}
	}
	return invalidOpcode()
}

const cachingPageLen = 20

// cachingPage is SBC-3's caching mode page with the write cache on, so that the
// guest sends its flushes.
func cachingPage() []byte {
	p := make([]byte, cachingPageLen)
	p[0], p[1], p[2] = 0x08, cachingPageLen-2, 0x04
	return p
}

func (d *Drive) read(lba uint64, in [][]byte) result {
	off, n := lba*sector, uint32(0)
	for _, b := range in {
		if lba > 1<<50 || !d.medium.inside(off, len(b)) {
			return outOfRange()
		}
		if !d.cfg.read(d.medium, off, b) {
			return readError()
		}
		off += uint64(len(b))
		n += uint32(len(b))
	}
	return result{written: n}
}

func (d *Drive) write(lba uint64, out [][]byte) result {
	off := lba * sector
	for _, b := range out {
		if lba > 1<<50 || !d.medium.inside(off, len(b)) {
			return outOfRange()
		}
		if !d.cfg.write(d.medium, off, b) {
			return writeError()
		}
		off += uint64(len(b))
	}
	return result{}
}

// inquiry answers INQUIRY: the standard data, and the vital product data pages
// 00h, 80h (unit serial number) and 83h (device identification, NAA).
func (d *Drive) inquiry(cdb []byte, in [][]byte) result {
	room := int(be.Uint16(cdb[3:]))
	cut := func(b []byte) result { return data(in, b[:min(len(b), room)]) }
	page := func(code byte, b []byte) result {
		return cut(append([]byte{0, code, 0, byte(len(b))}, b...))
	}
	if cdb[1]&1 == 0 {
		b := make([]byte, 36)
		b[2], b[3], b[4], b[7] = 6, 2, 31, 2 // SPC-4, response format 2, command queueing
		copy(b[8:], fmt.Sprintf("%-8s%-16s%-4s", "REGAIN", d.cfg.Model, "1.0"))
		return cut(b)
	}
	switch cdb[2] {
	case 0x00:
		return page(0x00, []byte{0x00, 0x80, 0x83})
	case 0x80:
		return page(0x80, []byte(d.cfg.Serial))
	case 0x83:
		if d.cfg.WWN == 0 {
			return page(0x83, nil)
		}
		return page(0x83, append([]byte{0x01, 0x03, 0, 8}, be.AppendUint64(nil, d.cfg.WWN)...))
	}
	return invalidField()
}
