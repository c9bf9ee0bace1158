package firmware

import (
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	efi "github.com/canonical/go-efilib"
)

// nvram is a firmware's variable store. It begins with what OVMF
// (edk2-stable202211, Debian's OVMF_VARS_4M.fd) had stored after its first boot in
// a virtual machine with an NVMe drive and one NIC: the files in testdata are in
// efivarfs's form, attributes before data, taken from the flash image.
type nvram struct {
	vars map[string][]byte
	log  []string // writes and deletions, in order
	// onSet may refuse, or say that the write is to be forgotten.
	onSet func(name string, data []byte) (forget bool, err error)
}

func ovmf(t *testing.T) *nvram {
	t.Helper()
	files, err := filepath.Glob("testdata/Boot*")
	if err != nil || len(files) != 10 {
		t.Fatalf("testdata: %v, %v", files, err)
	}
	n := &nvram{vars: map[string][]byte{}}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		name, _, _ := strings.Cut(filepath.Base(f), "-")
		n.vars[name] = b[4:]
	}
	return n
}

func (n *nvram) context() context.Context {
	return context.WithValue(context.Background(), efi.VarsBackendKey{}, n)
}

// Get, Set and List follow UEFI Specification 2.10 section 8.2: names are
// case-sensitive, data of no length deletes.
func (n *nvram) Get(name string, guid efi.GUID) (efi.VariableAttributes, []byte, error) {
	b, ok := n.vars[name]
	if !ok || guid != efi.GlobalVariable {
		return 0, nil, efi.ErrVarNotExist
	}
	return 7, slices.Clone(b), nil
}

func (n *nvram) Set(name string, guid efi.GUID, attrs efi.VariableAttributes, data []byte) error {
	if guid != efi.GlobalVariable || attrs != 7 {
		return efi.ErrVarInvalidParam
	}
	if n.onSet != nil {
		if forget, err := n.onSet(name, data); forget || err != nil {
			return err
		}
	}
	if len(data) == 0 {
		n.log = append(n.log, "delete "+name)
		delete(n.vars, name)
		return nil
	}
	n.log = append(n.log, "write "+name)
	n.vars[name] = slices.Clone(data)
	return nil
}

func (n *nvram) List() ([]efi.VariableDescriptor, error) {
	var list []efi.VariableDescriptor
	for name := range n.vars {
		list = append(list, efi.VariableDescriptor{Name: name, GUID: efi.GlobalVariable})
	}
	return list, nil
}

// order is BootOrder.
func (n *nvram) order() []uint16 {
	var order []uint16
	for b := n.vars["BootOrder"]; len(b) >= 2; b = b[2:] {
		order = append(order, binary.LittleEndian.Uint16(b))
	}
	return order
}
