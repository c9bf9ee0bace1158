package console

import (
	"bytes"
	"testing"
	"unsafe"
)

// The sizes and offsets of linux/fb.h on 64-bit machines: the kernel writes as
// much as it thinks that there is.
func TestKernelStructures(t *testing.T) {
	var v fbVariable
	var x fbFixed
	for _, test := range []struct {
		name      string
		got, want uintptr
	}{
		{"struct fb_var_screeninfo", unsafe.Sizeof(v), 160},
		{"bits_per_pixel", unsafe.Offsetof(v.BitsPerPixel), 24},
		{"red", unsafe.Offsetof(v.Red), 32},
		{"struct fb_fix_screeninfo", unsafe.Sizeof(x), 80},
		{"line_length", unsafe.Offsetof(x.LineLength), 48},
	} {
		if test.got != test.want {
			t.Errorf("%s: %d, want %d", test.name, test.got, test.want)
		}
	}
}

// The layouts of efifb and vesafb: XRGB 8888, RGB 888 and RGB 565.
func TestPack(t *testing.T) {
	eight := func(offset uint32) fbField { return fbField{Offset: offset, Length: 8} }
	orange := []byte{0xff, 0x80, 0x10, 0xff}
	for _, test := range []struct {
		name string
		p    packing
		want []byte
	}{
		{"32 bits", packing{4, eight(16), eight(8), eight(0)}, []byte{0x10, 0x80, 0xff, 0}},
		{"24 bits", packing{3, eight(16), eight(8), eight(0)}, []byte{0x10, 0x80, 0xff}},
		{"16 bits", packing{2, fbField{11, 5, 0}, fbField{5, 6, 0}, fbField{0, 5, 0}}, []byte{0x02, 0xfc}},
	} {
		got := make([]byte, 2*test.p.bytes)
		test.p.pack(got, append(bytes.Clone(orange), orange...))
		if want := append(bytes.Clone(test.want), test.want...); !bytes.Equal(got, want) {
			t.Errorf("%s: % x, want % x", test.name, got, want)
		}
	}
}
