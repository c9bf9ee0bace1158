package firmware

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	efi "github.com/canonical/go-efilib"
)

// entries lists the numbers of the boot entries named Name, in ascending order,
// and all entries by number with their bytes. Entries that make no sense are
// another's and count as taken.
func entries(ctx context.Context) (ours []uint16, all map[uint16][]byte, err error) {
	vars, err := efi.ListVariables(ctx)
	if errors.Is(err, efi.ErrVarsUnavailable) {
		return nil, nil, ErrUnavailable
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%w: list them: %w", ErrUnavailable, err)
	}
	all = map[uint16][]byte{}
	for _, v := range vars {
		n, ok := number(v)
		if !ok {
			continue
		}
		data, _, err := efi.ReadVariable(ctx, v.Name, v.GUID)
		if err != nil && !errors.Is(err, efi.ErrVarNotExist) {
			return nil, nil, fmt.Errorf("%w: read %s: %w", ErrUnavailable, v.Name, err)
		}
		all[n] = data
		if description(data) == Name {
			ours = append(ours, n)
		}
	}
	return ours, all, nil
}

// number reads the number of a variable "Boot####": four hexadecimal digits in
// upper case (section 3.3, table 3.1). Lower case is another variable.
func number(v efi.VariableDescriptor) (uint16, bool) {
	digits, ok := strings.CutPrefix(v.Name, "Boot")
	if !ok || len(digits) != 4 || v.GUID != efi.GlobalVariable {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 16, 16)
	return uint16(n), err == nil && entryName(uint16(n)) == v.Name
}

// description is the name of a load option: UTF-16LE after the attributes and the
// length of the device path, up to a zero (section 3.1.3). The device path is not
// read: a broken one must not hide an entry of ours.
func description(b []byte) string {
	var s []byte
	for i := 6; i+1 < len(b); i += 2 {
		switch {
		case b[i] == 0 && b[i+1] == 0:
			return string(s)
		case b[i+1] != 0 || b[i] > 0x7e:
			return "" // not ASCII, so not ours
		}
		s = append(s, b[i])
	}
	return ""
}

// place chooses the number of our entry: the lowest that it has already, else the
// lowest that is free. The others of ours are stale.
func place(ours []uint16, all map[uint16][]byte) (n uint16, stale []uint16, err error) {
	if len(ours) > 0 {
		return ours[0], ours[1:], nil
	}
	for n := range 1 << 16 {
		if _, taken := all[uint16(n)]; !taken {
			return uint16(n), nil, nil
		}
	}
	return 0, nil, fmt.Errorf("%w: all numbers are taken", ErrRefused)
}
