package nvme

import (
	"encoding/binary"
	"errors"
	"fmt"
)

const (
	// oacsNamespaces is OACS bit 3: Namespace Management is supported, and
	// with it the list of allocated namespaces (Base figure 275).
	oacsNamespaces = 1 << 3

	listEntries = identifyBytes / 4
	// maxLists bounds what is asked of a drive whose list never ends. It is
	// far more namespaces than any drive has.
	maxLists = 16
)

// ParseNamespaceList reads a list of namespace identifiers, which ascend and end
// at the first zero (Base 2.3 section 4.6.2). One that does not ascend is
// refused.
func ParseNamespaceList(b []byte) ([]uint32, error) {
	if len(b) != identifyBytes {
		return nil, fmt.Errorf("parse the list of namespaces: %d bytes, not %d", len(b), identifyBytes)
	}
	var list []uint32
	for ; len(b) > 0; b = b[4:] {
		nsid := binary.LittleEndian.Uint32(b)
		if nsid == 0 {
			break
		}
		if n := len(list); n > 0 && nsid <= list[n-1] {
			return nil, fmt.Errorf("parse the list of namespaces: %d follows %d", nsid, list[n-1])
		}
		list = append(list, nsid)
	}
	return list, nil
}

// namespaces counts those of one of the lists that Identify gives: of the
// namespaces above the NSID of the command, up to 1,024 at a time (Base 2.3
// sections 5.2.13.2.2 and 5.2.13.2.9).
func namespaces(t Transport, cns uint32) (int, error) {
	data := pageAligned(identifyBytes)
	total, above := 0, uint32(0)
	for range maxLists {
		if err := identify(t, cns, above, data); err != nil {
			return 0, err
		}
		list, err := ParseNamespaceList(data)
		if err != nil {
			return 0, err
		}
		if len(list) > 0 && list[0] <= above {
			return 0, fmt.Errorf("identify (CNS %02xh): %d is not above %d", cns, list[0], above)
		}
		total += len(list)
		if len(list) < listEntries {
			return total, nil
		}
		above = list[len(list)-1]
	}
	return 0, fmt.Errorf("identify (CNS %02xh): more than %d namespaces", cns, total)
}

// allocated counts the namespaces that hold capacity, active or not; 0 if the
// controller has no namespace management or refuses to tell.
func allocated(t Transport, c Controller) (int, error) {
	if c.OACS&oacsNamespaces == 0 {
		return 0, nil
	}
	n, err := namespaces(t, cnsAllocated)
	var refused *StatusError
	if errors.As(err, &refused) {
		return 0, nil
	}
	return n, err
}
