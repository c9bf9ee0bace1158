package corridor

import "unsafe"

// aligned copies p to where direct I/O wants it.
func aligned(p []byte) []byte {
	const page = 4096
	raw := make([]byte, len(p)+page)
	skip := (page - int(uintptr(unsafe.Pointer(&raw[0]))%page)) % page
	copy(raw[skip:], p)
	return raw[skip : skip+len(p) : skip+len(p)]
}
