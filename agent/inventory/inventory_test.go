package inventory

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"regain.example/agent/api"
	"regain.example/agent/drive/drivetest"
)

type drives []api.Drive

func (d drives) Discover() ([]api.Drive, error) {
	if d == nil {
		return nil, errors.New("no sysfs")
	}
	return d, nil
}

// machine is the QEMU guest of drivetest with more lines in its sysfs.
func machine(t *testing.T, more ...string) Machine {
	t.Helper()
	proc := t.TempDir()
	cpuinfo, err := os.ReadFile("testdata/cpuinfo-qemu-7.2.txt")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(proc, "cpuinfo"), string(cpuinfo))
	write(t, filepath.Join(proc, "meminfo"), "MemTotal:         466032 kB\nMemFree:          366032 kB\n")
	write(t, filepath.Join(proc, "sys/kernel/osrelease"), "6.1.0-56-amd64\n")
	return Machine{
		Sys: drivetest.Sysfs(t, drivetest.QEMU, more...), Proc: proc, Drives: drives{{Node: "sda"}},
		PermanentMAC: func(string) (string, error) { return "", errors.New("not told") },
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func take(t *testing.T, m Machine, mac string) api.Inventory {
	t.Helper()
	got, err := m.Take(Boot{MAC: mac, AgentVersion: "1.2.3"})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestTakeQEMU(t *testing.T) {
	got := take(t, machine(t), "52:54:00:12:34:56")
	if got.System != (api.System{
		UUID: "00112233-4455-6677-8899-aabbccddeeff", Manufacturer: "Regain", Product: "Bench",
		Version: "pc-q35-7.2", Serial: "BENCH0001", BoardManufacturer: "QEMU",
		BoardProduct: "Standard PC (Q35 + ICH9, 2009)", BoardSerial: "BOARD1", ChassisType: 1,
		ChassisSerial: "CH1", AssetTag: "To Be Filled By O.E.M.", BIOSVendor: "SeaBIOS",
		BIOSVersion: "1.16.2-debian-1.16.2-1", BIOSDate: "04/01/2014",
	}) {
		t.Errorf("system: %+v", got.System)
	}
	if got.Firmware != (api.Firmware{Kind: api.FirmwareBIOS, Lockdown: "integrity"}) {
		t.Errorf("firmware: %+v", got.Firmware)
	}
	if got.CPU != (api.CPU{Model: "QEMU TCG CPU version 2.5+", Sockets: 1, Cores: 2, Threads: 2}) {
		t.Errorf("CPU: %+v", got.CPU)
	}
	want := []api.NIC{{Name: "eth0", MAC: "52:54:00:12:34:56", Driver: "e1000e", Bus: "pci", Boot: true}}
	if !slices.Equal(got.NICs, want) {
		t.Errorf("NICs: %+v", got.NICs)
	}
	if got.MemoryBytes != 466032<<10 || got.TPM.Present || got.Kernel != "6.1.0-56-amd64" ||
		got.AgentVersion != "1.2.3" || len(got.Drives) != 1 {
		t.Errorf("%+v", got)
	}
}

func TestFirmwareAndTPM(t *testing.T) {
	const efi = "firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
	for name, c := range map[string]struct {
		lines  []string
		kind   api.FirmwareKind
		secure bool
		tpm    api.TPM
	}{
		"Secure Boot on":    {[]string{`F ` + efi + ` "\x06\x00\x00\x00\x01"`}, api.FirmwareUEFI, true, api.TPM{}},
		"Secure Boot off":   {[]string{`F ` + efi + ` "\x06\x00\x00\x00\x00"`}, api.FirmwareUEFI, false, api.TPM{}},
		"cut short":         {[]string{`F ` + efi + ` "\x01"`}, api.FirmwareUEFI, false, api.TPM{}},
		"no variables":      {[]string{`F firmware/efi/fw_platform_size "64\n"`}, api.FirmwareUEFI, false, api.TPM{}},
		"TPM 2.0":           {[]string{`F class/tpm/tpm0/tpm_version_major "2\n"`}, api.FirmwareBIOS, false, api.TPM{Present: true, Version: "2.0"}},
		"TPM 1.2":           {[]string{`F class/tpm/tpm0/tpm_version_major "1\n"`}, api.FirmwareBIOS, false, api.TPM{Present: true, Version: "1.2"}},
		"TPM of no version": {[]string{`F class/tpm/tpm0/dev "10:224\n"`}, api.FirmwareBIOS, false, api.TPM{Present: true}},
	} {
		got := take(t, machine(t, c.lines...), "")
		if got.Firmware.Kind != c.kind || got.Firmware.SecureBoot != c.secure || got.TPM != c.tpm {
			t.Errorf("%s: %+v %+v", name, got.Firmware, got.TPM)
		}
	}
}

func TestNICs(t *testing.T) {
	usb := "devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0"
	m := machine(t,
		"L class/net/eth1 ../../"+usb+"/net/eth1",
		"F "+usb+`/net/eth1/address "02:00:00:00:00:07\n"`,
		"L "+usb+"/net/eth1/device ../../../1-2:1.0",
		"L "+usb+"/driver ../../../../../../bus/usb/drivers/r8152",
		"L "+usb+"/subsystem ../../../../../../bus/usb",
		`F class/net/lo/address "00:00:00:00:00:00\n"`)
	m.PermanentMAC = func(nic string) (string, error) {
		if nic == "eth1" {
			return "00:E0:4C:68:00:01", nil
		}
		return "00:00:00:00:00:00", nil // what some drivers say for "none"
	}
	got := take(t, m, "00:E0:4C:68:00:01").NICs
	want := []api.NIC{
		{Name: "eth0", MAC: "52:54:00:12:34:56", Driver: "e1000e", Bus: "pci"},
		{Name: "eth1", MAC: "00:e0:4c:68:00:01", Driver: "r8152", Bus: "usb", Boot: true, Removable: true},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestNoDrivesIsAnError(t *testing.T) {
	m := machine(t)
	m.Drives = drives(nil)
	if _, err := m.Take(Boot{}); err == nil {
		t.Error("an inventory without its drives")
	}
}

// The bytes follow DSP0134 sections 6.1.2 and 7.2.1; the UUID is its own example.
func TestSystemUUID(t *testing.T) {
	bios := "\x00\x05\x00\x00\x01" + "Maker\x00\x00"
	uuid := "\x33\x22\x11\x00\x55\x44\x77\x66\x88\x99\xaa\xbb\xcc\xdd\xee\xff"
	system := "\x01\x1b\x01\x00\x01\x02\x03\x04" + uuid + "\x06\x00\x00" + "A\x00B\x00\x00"
	for name, c := range map[string]struct{ table, want string }{
		"after another":      {bios + system, "00112233-4455-6677-8899-aabbccddeeff"},
		"alone":              {system, "00112233-4455-6677-8899-aabbccddeeff"},
		"all F, as it is":    {"\x01\x19\x01\x00\x00\x00\x00\x00" + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" + "\x06\x00\x00", "ffffffff-ffff-ffff-ffff-ffffffffffff"},
		"SMBIOS 2.0":         {"\x01\x08\x01\x00\x01\x02\x03\x04" + "A\x00\x00", ""},
		"cut short":          {(bios + system)[:20], ""},
		"length of zero":     {"\x01\x00\x01\x00\x00\x00", ""},
		"no end of strings":  {"\x00\x05\x00\x00\x01Maker", ""},
		"after the last one": {"\x7f\x04\x00\x00\x00\x00" + system, ""},
		"nothing":            {"", ""},
	} {
		if got, ok := systemUUID([]byte(c.table)); got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestParseCPUInfo(t *testing.T) {
	two := "processor\t: 0\nmodel name\t: Xeon\x1b  E5\nphysical id\t: 0\ncore id\t: 0\n\n" +
		"processor\t: 1\nmodel name\t: Xeon  E5\nphysical id\t: 1\ncore id\t: 0\n\n" +
		"processor\t: 2\nmodel name\t: Xeon  E5\nphysical id\t: 1\ncore id\t: 0\n"
	if got := parseCPUInfo(two); got != (api.CPU{Model: "Xeon E5", Sockets: 2, Cores: 2, Threads: 3}) {
		t.Errorf("%+v", got)
	}
	if got := parseCPUInfo(""); got != (api.CPU{}) {
		t.Errorf("%+v", got)
	}
}

func FuzzSystemUUID(f *testing.F) {
	f.Add([]byte("\x01\x1b\x01\x00\x01\x02\x03\x04\x33\x22\x11\x00\x55\x44\x77\x66\x88\x99\xaa\xbb\xcc\xdd\xee\xff\x06\x00\x00A\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if uuid, ok := systemUUID(b); ok != (len(uuid) == 36) {
			t.Errorf("%q", uuid)
		}
	})
}
