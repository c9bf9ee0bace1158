package rig

// The layout of a request (Virtual I/O Device specification 1.2, section
// 5.6.6.1), with the default CDB and sense sizes.
const (
	requestHeader  = 51  // lun 8, id 8, attributes 3, CDB 32
	responseHeader = 108 // sense length 4, residual 4, qualifier 2, status, response, sense 96

	responseBadTarget = 3
	statusGood        = 0
	statusCheck       = 2
)

// command serves one request of the guest.
func (d *Drive) command(out, in [][]byte) uint32 {
	if len(out) == 0 || len(in) == 0 || len(out[0]) < requestHeader || len(in[0]) < responseHeader {
		return 0
	}
	header, response := out[0], in[0]
	clear(response[:responseHeader])
	// Only target 0, LUN 0 exists. The address is 1, target, LUN (2 bytes).
	if header[1] != 0 || header[2]&0x3f != 0 || header[3] != 0 {
		response[11] = responseBadTarget
		return responseHeader
	}
	d.mu.Lock()
	r := d.execute(header[19:51], out[1:], in[1:])
	d.mu.Unlock()
	if r.sense != nil {
		response[10] = statusCheck
		le.PutUint32(response, uint32(len(r.sense)))
		copy(response[12:], r.sense)
	}
	return responseHeader + r.written
}

// result is how a command ended: sense nil means good status.
type result struct {
	sense   []byte
	written uint32
}

// Sense data in fixed format (SPC-4 section 4.5.3).
func sense(key, code, qualifier byte) result {
	s := make([]byte, 18)
	s[0], s[2], s[7], s[12], s[13] = 0x70, key, 10, code, qualifier
	return result{sense: s}
}

func invalidOpcode() result { return sense(0x5, 0x20, 0) }
func invalidField() result  { return sense(0x5, 0x24, 0) }
func outOfRange() result    { return sense(0x5, 0x21, 0) }
func writeError() result    { return sense(0x3, 0x0c, 0) }
func readError() result     { return sense(0x3, 0x11, 0) }

// data answers with b, as much of it as the guest has room for.
func data(in [][]byte, b []byte) result {
	var n uint32
	for _, room := range in {
		k := copy(room, b)
		b = b[k:]
		n += uint32(k)
	}
	return result{written: n}
}
