package console

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Requests of linux/fb.h and linux/kd.h.
const (
	fbGetVariable = 0x4600 // FBIOGET_VSCREENINFO
	fbGetFixed    = 0x4602 // FBIOGET_FSCREENINFO
	kdSetMode     = 0x4b3a // KDSETMODE
	kdGraphics    = 1      // KD_GRAPHICS: the kernel draws no text
)

// fbField is struct fb_bitfield: where one colour lies in a pixel.
type fbField struct{ Offset, Length, MSBRight uint32 }

// fbVariable is struct fb_var_screeninfo, its tail unused.
type fbVariable struct {
	XRes, YRes, XVirtual, YVirtual, XOffset, YOffset uint32
	BitsPerPixel, Grayscale                          uint32
	Red, Green, Blue, Transparent                    fbField
	_                                                [20]uint32
}

// fbFixed is struct fb_fix_screeninfo.
type fbFixed struct {
	_          [16]byte
	_          uint64 // smem_start
	_          uint32 // smem_len
	_          [3]uint32
	_          [3]uint16
	LineLength uint32
	_          [28]byte
}

// framebuffer draws on /dev/fb0.
type framebuffer struct {
	memory  []byte
	tty     *os.File
	painter *painter
	pixels  packing
	stride  int
	canvas  *image.RGBA
	row     []byte
	shown   []byte // what the memory holds, to write only the rows that differ
}

var errPixels = errors.New("the framebuffer's pixels are not of 16, 24 or 32 bits")

func openFramebuffer(path string) (surface, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close() // the mapping stays
	var v fbVariable
	var x fbFixed
	if err := ioctl(f, fbGetVariable, unsafe.Pointer(&v)); err != nil {
		return nil, fmt.Errorf("size of %s: %w", path, err)
	}
	if err := ioctl(f, fbGetFixed, unsafe.Pointer(&x)); err != nil {
		return nil, fmt.Errorf("layout of %s: %w", path, err)
	}
	if v.BitsPerPixel != 16 && v.BitsPerPixel != 24 && v.BitsPerPixel != 32 {
		return nil, errPixels
	}
	w, h, stride := int(v.XRes), int(v.YRes), int(x.LineLength)
	memory, err := unix.Mmap(int(f.Fd()), 0, stride*h, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", path, err)
	}
	painter, err := newPainter(w, h)
	if err != nil {
		return nil, err
	}
	return &framebuffer{
		memory: memory, tty: graphics(), painter: painter, stride: stride,
		pixels: packing{bytes: int(v.BitsPerPixel) / 8, red: v.Red, green: v.Green, blue: v.Blue},
		canvas: image.NewRGBA(image.Rect(0, 0, w, h)),
		row:    make([]byte, w*int(v.BitsPerPixel)/8), shown: make([]byte, stride*h),
	}, nil
}

// graphics takes the screen from the kernel's text console. Without it the text
// flickers through, no more.
func graphics() *os.File {
	tty, err := os.OpenFile("/dev/tty0", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil
	}
	_ = unix.IoctlSetInt(int(tty.Fd()), kdSetMode, kdGraphics)
	return tty
}

func (f *framebuffer) draw(v View) error {
	f.painter.paint(f.canvas, v)
	for y := range f.painter.h {
		f.pixels.pack(f.row, f.canvas.Pix[y*f.canvas.Stride:y*f.canvas.Stride+f.painter.w*4])
		at := y * f.stride
		if was := f.shown[at : at+len(f.row)]; !bytes.Equal(was, f.row) {
			copy(was, f.row)
			copy(f.memory[at:], f.row)
		}
	}
	return nil
}

func (f *framebuffer) Close() error {
	err := unix.Munmap(f.memory)
	if f.tty != nil {
		err = errors.Join(err, f.tty.Close())
	}
	return err
}

func ioctl(f *os.File, request uintptr, p unsafe.Pointer) error {
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, f.Fd(), request, uintptr(p)); errno != 0 {
		return errno
	}
	return nil
}
