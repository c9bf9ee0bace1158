package console

// packing is how a framebuffer lays out one pixel.
type packing struct {
	bytes            int // 2, 3 or 4
	red, green, blue fbField
}

// pack turns pixels of red, green, blue and alpha, a byte each, into the
// framebuffer's. The bytes of a pixel are in the machine's order, which is
// little-endian.
func (p packing) pack(dst, rgba []byte) {
	for i, o := 0, 0; i+4 <= len(rgba); i, o = i+4, o+p.bytes {
		v := p.red.place(rgba[i]) | p.green.place(rgba[i+1]) | p.blue.place(rgba[i+2])
		for b := range p.bytes {
			dst[o+b] = byte(v >> (8 * b))
		}
	}
}

// place shortens a colour to the field's length and shifts it to its place.
func (f fbField) place(c byte) uint32 {
	return uint32(c) >> (8 - min(f.Length, 8)) << f.Offset
}
