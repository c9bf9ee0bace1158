package inventory

import (
	"bytes"
	"iter"
)

// structure is one SMBIOS structure (DMTF DSP0134 section 6.1): its type, the
// formatted part with its header, and its strings.
type structure struct {
	kind      byte
	formatted []byte
	strings   [][]byte
}

// structures goes through a table of SMBIOS structures, up to its end or to the
// first that is damaged.
//
// The table is read here and not by a library because it comes from the
// machine: the ones at hand panic on structures that are shorter than their
// type asks for.
func structures(table []byte) iter.Seq[structure] {
	const headerBytes, endOfTable = 4, 127
	return func(yield func(structure) bool) {
		for len(table) >= headerBytes {
			kind, length := table[0], int(table[1])
			if length < headerBytes || length > len(table) || kind == endOfTable {
				return
			}
			s := structure{kind: kind, formatted: table[:length]}
			// The strings end with two zero bytes, also when there are none.
			end := bytes.Index(table[length:], []byte{0, 0})
			if end < 0 {
				return
			}
			if end > 0 {
				s.strings = bytes.Split(table[length:length+end], []byte{0})
			}
			if !yield(s) {
				return
			}
			table = table[length+end+2:]
		}
	}
}

// text is the string whose number, from 1, stands at the given offset; empty if
// there is none.
func (s structure) text(at int) string {
	if at >= len(s.formatted) {
		return ""
	}
	n := int(s.formatted[at])
	if n == 0 || n > len(s.strings) {
		return ""
	}
	return clean(string(s.strings[n-1]))
}
