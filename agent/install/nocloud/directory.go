package nocloud

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"
)

const (
	entryBytes   = 32
	attrVolumeID = 0x08
	attrArchive  = 0x20
	attrLongName = 0x0f
	lastLong     = 0x40   // flag of the last part of a long name, which comes first
	longChars    = 13     // in one entry
	epoch        = 0x0021 // 1 January 1980

	maxFiles = 32
	maxName  = 64
)

// checkNames refuses what has no place in a seed, so that nothing needs to be
// escaped: names are ASCII letters, digits, dots, dashes and underscores.
func checkNames(names []string) error {
	if len(names) == 0 || len(names) > maxFiles {
		return fmt.Errorf("a seed of %d files, want 1 to %d", len(names), maxFiles)
	}
	seen := map[string]bool{}
	for _, name := range names {
		bad := strings.ContainsFunc(name, func(c rune) bool {
			return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-", c)
		})
		if bad || name == "" || len(name) > maxName || name[0] == '.' || name[len(name)-1] == '.' {
			return fmt.Errorf("the seed's file name %.80q is not usable", name)
		}
		if seen[strings.ToLower(name)] {
			return fmt.Errorf("the seed has two files named %q", name)
		}
		seen[strings.ToLower(name)] = true
	}
	return nil
}

// labelEntry is the root directory's entry with the volume label.
func labelEntry() []byte {
	return shortEntry(fmt.Sprintf("%-11s", Label), attrVolumeID, 0, 0)
}

// fileEntries returns the long name of a file, last part first, and its short
// entry. Number makes the short name unique.
func fileEntries(name string, number int, cluster, size uint32) []byte {
	short := shortName(name, number)
	sum := checksum(short)
	chars := utf16.Encode([]rune(name))
	parts := (len(chars) + longChars - 1) / longChars
	var out []byte
	for i := parts; i >= 1; i-- {
		order := byte(i)
		if i == parts {
			order |= lastLong
		}
		out = append(out, longEntry(chars[(i-1)*longChars:], order, sum)...)
	}
	return append(out, shortEntry(short, attrArchive, cluster, size)...)
}

func shortEntry(name string, attr byte, cluster, size uint32) []byte {
	e := make([]byte, entryBytes)
	copy(e, name)
	e[11] = attr
	for _, at := range []int{16, 18, 24} { // created, read, written
		binary.LittleEndian.PutUint16(e[at:], epoch)
	}
	binary.LittleEndian.PutUint16(e[26:], uint16(cluster))
	binary.LittleEndian.PutUint32(e[28:], size)
	return e
}

// longEntry holds up to 13 characters, a zero after the last, then all ones.
func longEntry(chars []uint16, order, sum byte) []byte {
	e := make([]byte, entryBytes)
	e[0], e[11], e[13] = order, attrLongName, sum
	at := 1
	for i := range longChars {
		switch i {
		case 5:
			at = 14
		case 11:
			at = 28
		}
		c := uint16(0xffff)
		if i < len(chars) {
			c = chars[i]
		} else if i == len(chars) {
			c = 0
		}
		binary.LittleEndian.PutUint16(e[at:], c)
		at += 2
	}
	return e
}

// shortName makes the 11 characters of a short name such as "META-~1".
func shortName(name string, number int) string {
	base := strings.ToUpper(strings.ReplaceAll(name, ".", ""))
	return fmt.Sprintf("%-11s", fmt.Sprintf("%.5s~%d", base, number))
}

// checksum binds a long name to its short name.
func checksum(short string) byte {
	var sum byte
	for i := range 11 {
		sum = sum>>1 | sum<<7
		sum += short[i]
	}
	return sum
}
