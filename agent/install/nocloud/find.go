package nocloud

import "strings"

// Labelled reports whether a volume that begins with these 512 bytes is a FAT
// file system with the label CIDATA, in any case, as cloud-init accepts it.
func Labelled(b []byte) bool {
	if len(b) < 512 || b[510] != 0x55 || b[511] != 0xaa {
		return false
	}
	label := func(at int) bool { return IsLabel(strings.TrimRight(string(b[at:at+11]), " ")) }
	switch {
	case string(b[54:57]) == "FAT":
		return label(43)
	case string(b[82:87]) == "FAT32":
		return label(71)
	}
	return false
}

// IsLabel reports whether name is CIDATA, in any case.
func IsLabel(name string) bool { return strings.EqualFold(name, Label) }
