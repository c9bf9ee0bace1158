package modules

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Lines as depmod writes them for Debian's kernel 6.1, and modaliases as QEMU's
// and a laptop's devices have them.
const aliasFile = `# Aliases extracted from modules themselves.
alias pci:v00008086d000010D3sv*sd*bc*sc*i* e1000e
alias pci:v*d*sv*sd*bc01sc06i01* ahci
alias pci:v*d*sv*sd*bc01sc08i02* nvme
alias virtio:d00000001v* virtio_net
alias usb:v*p*d*dc*dsc*dp*ic08isc06ip50in* usb_storage
alias acpi*:PNP0D40:* sdhci_acpi
alias mmc:block mmc_block
alias scsi:t-0x00* sd_mod
alias broken
`

func TestMatch(t *testing.T) {
	as, err := parseAliases(strings.NewReader(aliasFile))
	if err != nil {
		t.Fatal(err)
	}
	for modalias, want := range map[string][]string{
		"pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00": {"e1000e"},
		"pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01": {"ahci"},
		"pci:v00001B36d00000010sv00001AF4sd00001100bc01sc08i02": {"nvme"},
		"virtio:d00000001v00001AF4":                             {"virtio_net"},
		"usb:v0781p5581d0100dc00dsc00dp00ic08isc06ip50in00":     {"usb_storage"},
		"scsi:t-0x00":   {"sd_mod"},
		"mmc:block":     {"mmc_block"},
		"acpi:PNP0D40:": {"sdhci_acpi"},
		"pci:v00001234d00001111sv00001AF4sd00001100bc03sc00i00": nil,
		"": nil,
		"pci:v00008086d000010D4sv00008086sd0000A01Fbc02sc00i00junk": nil,
	} {
		if got := as.match(modalias); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", modalias, got, want)
		}
	}
}

// Loading a module brings forth devices, whose modules are loaded in turn; each
// module is tried once, and one that fails stops nothing.
func TestScan(t *testing.T) {
	sys := t.TempDir()
	add := func(dir, modalias string) {
		path := filepath.Join(sys, dir)
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(path, "modalias"), []byte(modalias+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	add("pci0/0", "pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01")
	add("pci0/1", "pci:v00001B36d00000010sv00001AF4sd00001100bc01sc08i02")
	as, err := parseAliases(strings.NewReader(aliasFile))
	if err != nil {
		t.Fatal(err)
	}
	var loaded []string
	broken := errors.New("invalid argument")
	l := &Loader{sys: sys, aliases: as, tried: map[string]bool{}, probe: func(module string) error {
		loaded = append(loaded, module)
		switch module {
		case "ahci":
			add("pci0/0/ata1/host0/target0", "scsi:t-0x00")
		case "nvme":
			return broken
		}
		return nil
	}}
	for range 2 {
		if err := l.Scan(); err != nil && !errors.Is(err, broken) {
			t.Fatal(err)
		}
	}
	slices.Sort(loaded)
	if want := []string{"ahci", "nvme", "sd_mod"}; !slices.Equal(loaded, want) {
		t.Errorf("loaded %v, want %v", loaded, want)
	}
}

func TestAdded(t *testing.T) {
	// As the kernel sends it for a USB stick (lib/kobject_uevent.c).
	event := "add@/devices/pci0000:00/usb1/1-1/1-1:1.0\x00ACTION=add\x00SUBSYSTEM=usb\x00" +
		"MODALIAS=usb:v0781p5581d0100dc00dsc00dp00ic08isc06ip50in00\x00SEQNUM=1234\x00"
	if got := added([]byte(event)); !strings.HasPrefix(got, "usb:v0781") {
		t.Errorf("added = %q", got)
	}
	for _, other := range []string{"", "remove" + event[3:], "add@/devices/x\x00ACTION=add\x00"} {
		if got := added([]byte(other)); got != "" {
			t.Errorf("%q: %q", other, got)
		}
	}
}

func FuzzAdded(f *testing.F) {
	f.Add([]byte("add@/x\x00MODALIAS=pci:v*\x00"))
	as, err := parseAliases(strings.NewReader(aliasFile))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(_ *testing.T, event []byte) { as.match(added(event)) })
}
