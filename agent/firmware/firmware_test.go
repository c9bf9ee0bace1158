package firmware

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	efi "github.com/canonical/go-efilib"
)

var testESP = ESP{Number: 2, FirstLBA: 4096, Blocks: 0x80000,
	GUID: [16]byte{0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x10}}

// wantOption is the load option for testESP, field by field from UEFI
// Specification 2.10: section 3.1.3, table 10.49 (hard drive), table 10.53 (file
// path) and section 10.3.1 (end).
func wantOption(t *testing.T) []byte {
	t.Helper()
	utf16 := func(s string) string {
		var b strings.Builder
		for _, c := range []byte(s) {
			b.WriteString(hex.EncodeToString([]byte{c, 0}))
		}
		return b.String() + "0000"
	}
	file := utf16(`\EFI\BOOT\BOOTX64.EFI`)
	text := "01000000" + "5e00" + utf16("Regain") +
		"04012a00" + "02000000" + "0010000000000000" + "0000080000000000" +
		"112233445566778899aabbccddeeff10" + "02" + "02" +
		"04043000" + file +
		"7fff0400"
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPutFirst(t *testing.T) {
	all := []uint16{0, 1, 2, 3, 4, 5, 6, 7, 8}
	ours := func(t *testing.T) []byte { return wantOption(t) }
	old := func(t *testing.T) []byte { return append(wantOption(t), "of another drive"...) }
	for _, c := range []struct {
		name      string
		before    func(t *testing.T, n *nvram)
		wantEntry string
		wantOrder []uint16
		wantLog   []string
	}{
		{"as it came", func(*testing.T, *nvram) {},
			"Boot0009", append([]uint16{9}, all...), []string{"write Boot0009", "write BootOrder"}},
		{"a gap in the numbers", func(_ *testing.T, n *nvram) { delete(n.vars, "Boot0004") },
			"Boot0004", []uint16{4, 0, 1, 2, 3, 5, 6, 7, 8}, []string{"write Boot0004", "write BootOrder"}},
		{"in place already", func(t *testing.T, n *nvram) {
			n.vars["Boot000A"] = ours(t)
			n.vars["BootOrder"] = []byte{10, 0, 0, 0}
		}, "Boot000A", []uint16{10, 0}, nil},
		{"stale entries", func(t *testing.T, n *nvram) {
			n.vars["Boot000A"], n.vars["Boot000B"], n.vars["Boot00FF"] = old(t), ours(t), old(t)
			n.vars["BootOrder"] = []byte{0, 0, 0xff, 0, 11, 0, 10, 0, 3, 0}
		}, "Boot000A", []uint16{10, 0, 3}, []string{"write Boot000A", "write BootOrder", "delete Boot000B", "delete Boot00FF"}},
		{"no order yet", func(_ *testing.T, n *nvram) { delete(n.vars, "BootOrder") },
			"Boot0009", []uint16{9}, []string{"write Boot0009", "write BootOrder"}},
		{"order points nowhere and ends odd", func(_ *testing.T, n *nvram) { n.vars["BootOrder"] = []byte{0x34, 0x12, 1, 0, 7} },
			"Boot0009", []uint16{9, 0x1234, 1}, []string{"write Boot0009", "write BootOrder"}},
		{"entries that make no sense", func(_ *testing.T, n *nvram) {
			n.vars["Boot0009"], n.vars["Boot000A"], n.vars["Boot000B"] = []byte{1}, bytes.Repeat([]byte{0xff}, 99), []byte("\x01\x00\x00\x00\xff\xffR\x00e\x00")
		}, "Boot000C", append([]uint16{12}, all...), []string{"write Boot000C", "write BootOrder"}},
		{"names like entries", func(t *testing.T, n *nvram) {
			n.vars["Boot000c"], n.vars["BootXYZ1"], n.vars["BootNext"] = ours(t), ours(t), ours(t)
		},
			"Boot0009", append([]uint16{9}, all...), []string{"write Boot0009", "write BootOrder"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := ovmf(t)
			c.before(t, n)
			before := maps.Clone(n.vars)
			entry, err := putFirst(n.context(), testESP)
			if err != nil || entry != c.wantEntry {
				t.Fatalf("%q, %v, want %q", entry, err, c.wantEntry)
			}
			if got := n.vars[entry]; !bytes.Equal(got, wantOption(t)) {
				t.Errorf("entry %x\nwant  %x", got, wantOption(t))
			}
			if !slices.Equal(n.order(), c.wantOrder) || !slices.Equal(n.log, c.wantLog) {
				t.Errorf("order %v, want %v; did %q, want %q", n.order(), c.wantOrder, n.log, c.wantLog)
			}
			for name, b := range before {
				touched := name == entry || name == "BootOrder" || slices.Contains(n.log, "delete "+name)
				if !touched && !bytes.Equal(n.vars[name], b) {
					t.Errorf("%s was changed", name)
				}
			}
		})
	}
}

func TestPutFirstRefused(t *testing.T) {
	refuse := func(what string, err error) func(string, []byte) (bool, error) {
		return func(name string, data []byte) (bool, error) {
			if name == what {
				return err == nil, err
			}
			return false, nil
		}
	}
	for _, c := range []struct {
		name  string
		onSet func(string, []byte) (bool, error)
		want  error
		cause error
	}{
		{"no space", refuse("Boot0009", efi.ErrVarInsufficientSpace), ErrRefused, efi.ErrVarInsufficientSpace},
		{"write-protected order", refuse("BootOrder", efi.ErrVarWriteProtected), ErrRefused, efi.ErrVarWriteProtected},
		{"entry forgotten", refuse("Boot0009", nil), ErrNotKept, efi.ErrVarNotExist},
		{"order forgotten", refuse("BootOrder", nil), ErrNotKept, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := ovmf(t)
			n.onSet = c.onSet
			entry, err := putFirst(n.context(), testESP)
			if entry != "" || !errors.Is(err, c.want) || (c.cause != nil && !errors.Is(err, c.cause)) {
				t.Errorf("%q, %v; want %v because of %v", entry, err, c.want, c.cause)
			}
		})
	}
}

func TestStaleEntryStays(t *testing.T) {
	n := ovmf(t)
	n.vars["Boot0009"], n.vars["Boot000A"] = wantOption(t), wantOption(t)
	n.onSet = func(_ string, data []byte) (bool, error) {
		if len(data) == 0 {
			return false, efi.ErrVarPermission
		}
		return false, nil
	}
	entry, err := putFirst(n.context(), testESP)
	if entry != "Boot0009" || !errors.Is(err, ErrRefused) {
		t.Errorf("%q, %v; the entry is first, and the old one could not be removed", entry, err)
	}
}

func TestNoVariables(t *testing.T) {
	if _, err := putFirst(context.Background(), testESP); !errors.Is(err, ErrUnavailable) {
		t.Errorf("without a store: %v, want %v", err, ErrUnavailable)
	}
}

func TestCancelled(t *testing.T) {
	n := ovmf(t)
	ctx, cancel := context.WithCancel(n.context())
	cancel()
	if entry, err := putFirst(ctx, testESP); entry != "" || !errors.Is(err, context.Canceled) || len(n.log) > 0 {
		t.Errorf("%q, %v after %q", entry, err, n.log)
	}
}

func FuzzDescription(f *testing.F) {
	f.Add([]byte("\x01\x00\x00\x00\x08\x00R\x00e\x00g\x00a\x00i\x00n\x00\x00\x00"))
	f.Add([]byte("\x01\x00\x00\x00\x08\x00R"))
	f.Fuzz(func(t *testing.T, b []byte) {
		prefix := []byte("R\x00e\x00g\x00a\x00i\x00n\x00\x00\x00")
		want := len(b) >= 6 && bytes.HasPrefix(b[6:], prefix)
		if got := description(b) == Name; got != want {
			t.Errorf("%x is ours: %v, want %v", b, got, want)
		}
	})
}
