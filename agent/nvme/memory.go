package nvme

import (
	"runtime"
	"unsafe"
)

// pageAligned returns n zeroed bytes on a page boundary, on the heap: the
// kernel then hands the controller the buffer itself.
func pageAligned(n int) []byte {
	const page = 4096
	b := make([]byte, n+page)
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) & (page - 1)
	return b[skip : skip+n : skip+n]
}

func keepAlive(x ...any) {
	for _, v := range x {
		runtime.KeepAlive(v)
	}
}
