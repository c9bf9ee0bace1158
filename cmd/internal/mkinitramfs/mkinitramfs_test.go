package main

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestParseList(t *testing.T) {
	list, err := parseList(strings.NewReader("# c\n\n[always]\nefivarfs  boot entries\n[usb]\nusb-storage sticks\nasix +ax-1 +smsc  adapters\n"))
	want := []entry{{module: "efivarfs", always: true}, {module: "usb_storage"}, {module: "asix", before: []string{"ax_1", "smsc"}}}
	if err != nil || !reflect.DeepEqual(list, want) {
		t.Errorf("%v, %v", list, err)
	}
	for _, bad := range []string{"e1000\n", "e1000 a\ne1000 b\n", "usb-storage a\nusb_storage b\n", "tg3 +broadcom\n"} {
		if _, err := parseList(strings.NewReader(bad)); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestParseModinfo(t *testing.T) {
	// From r8169.ko of Debian's kernel 6.1, shortened.
	got := parseModinfo("license=GPL\x00softdep=pre: realtek\x00firmware=rtl_nic/rtl8168d-1.fw\x00firmware=rtl_nic/rtl8168e-1.fw\x00alias=pci:v000010ECd00008168sv*sd*bc*sc*i*\x00" +
		"depends=libphy,mdio_devres\x00retpoline=Y\x00name=r8169\x00")
	if !slices.Equal(got.depends, []string{"libphy", "mdio_devres"}) || !slices.Equal(got.pre, []string{"realtek"}) || len(got.aliases) != 1 ||
		!slices.Equal(got.firmware, []string{"rtl_nic/rtl8168d-1.fw", "rtl_nic/rtl8168e-1.fw"}) {
		t.Errorf("%+v", got)
	}
	if pre := softdepPre("pre: a-b c post: d pre: e"); !slices.Equal(pre, []string{"a_b", "c", "e"}) {
		t.Errorf("softdep: %v", pre)
	}
	if none := parseModinfo("depends=\x00"); len(none.depends) != 0 {
		t.Errorf("no dependencies: %v", none.depends)
	}
}

func FuzzParseModinfo(f *testing.F) {
	f.Add("depends=a,b\x00softdep=pre: c post: d\x00alias=x\x00")
	f.Fuzz(func(_ *testing.T, s string) { parseModinfo(s) })
}

func TestBudget(t *testing.T) {
	out := t.TempDir()
	for name, size := range map[string]int64{"vmlinuz": 8_000_000, "initramfs": budget - 8_000_000} {
		file := filepath.Join(out, name)
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(file, size); err != nil {
			t.Fatal(err)
		}
	}
	if err := summary(out, "6.1", 1); err != nil {
		t.Errorf("at the budget: %v", err)
	}
	if err := os.Truncate(filepath.Join(out, "initramfs"), budget-8_000_000+1); err != nil {
		t.Fatal(err)
	}
	if err := summary(out, "6.1", 1); err == nil {
		t.Error("one byte more is made")
	}
}
