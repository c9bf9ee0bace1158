//go:build vm && long

package jobs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/cmd/internal/vbench"
	"regain.example/imager"
)

// deviceSize is that of every drive here: SD cards have powers of two only.
const deviceSize = 8 << 20

// attached is one of QEMU's storage devices, and what the agent has to say of it.
type attached struct {
	device string   // of QEMU, or several that make one
	args   []string // "%s" stands for the drive's file
	bus    api.Bus
	driver string // of the storage controller, by the inventory; "" where it is not on PCI
	serial string // "" for one that QEMU gives itself
}

// disk is a SCSI disk on the bus of a controller.
func disk(controller, driver string, bus api.Bus, more string) attached {
	serial := strings.ToUpper(controller)
	return attached{device: controller, bus: bus, driver: driver, serial: serial, args: []string{
		"-drive", "if=none,format=raw,id=" + serial + ",file=%s",
		"-device", controller + ",id=" + serial + "hba",
		"-device", fmt.Sprintf("scsi-hd,bus=%shba.0,drive=%s,serial=%s%s", serial, serial, serial, more)}}
}

func single(device, options, driver string, bus api.Bus) attached {
	serial := strings.ToUpper(device)
	return attached{device: device, bus: bus, driver: driver, serial: serial, args: []string{
		"-drive", "if=none,format=raw,id=" + serial + ",file=%s",
		"-device", fmt.Sprintf("%s,drive=%s,serial=%s%s", device, serial, serial, options)}}
}

// q35Storage and pcStorage are the devices that issue 4 names, and some more that
// QEMU has, on the two kinds of board.
var q35Storage = []attached{
	single("ide-hd", ",bus=ide.0", "ahci", api.BusATA),
	single("nvme", "", "nvme", api.BusNVMe),
	single("virtio-blk-pci", "", "virtio_blk", api.BusVirtio),
	disk("virtio-scsi-pci", "virtio_scsi", api.BusSCSI, ""),
	disk("lsi53c895a", "sym53c8xx", api.BusSCSI, ",scsi-id=1"),
	disk("mptsas1068", "mptsas", api.BusSAS, ",scsi-id=0,wwn=0x5000c50015ea71ac"),
	disk("megasas", "megaraid_sas", api.BusSCSI, ",scsi-id=0"),
	disk("megasas-gen2", "megaraid_sas", api.BusSCSI, ",scsi-id=0"),
	disk("pvscsi", "vmw_pvscsi", api.BusSCSI, ",scsi-id=0"),
	single("usb-storage", ",bus=keyboard.0", "", api.BusUSB),
	{device: "usb-uas", bus: api.BusUSB, serial: "UAS", args: []string{
		"-drive", "if=none,format=raw,id=UAS,file=%s", "-device", "usb-uas,id=uas,serial=UAS,bus=keyboard.0",
		"-device", "scsi-hd,bus=uas.0,scsi-id=0,lun=0,drive=UAS,serial=UAS"}},
	{device: "sdhci-pci, sd-card", bus: api.BusMMC, driver: "sdhci-pci", args: []string{
		"-drive", "if=none,format=raw,id=SD,file=%s", "-device", "sdhci-pci", "-device", "sd-card,drive=SD"}},
}

var pcStorage = []attached{
	single("ide-hd", ",bus=ide.0", "ata_piix", api.BusATA),
	disk("lsi53c810", "sym53c8xx", api.BusSCSI, ",scsi-id=1"),
}

// nicDrivers are QEMU's network adapters and the drivers that take them. QEMU has
// igb since version 8.0 only.
var nicDrivers = map[string]string{
	"e1000e":         "e1000e",
	"e1000":          "e1000",
	"igb":            "igb",
	"rtl8139":        "8139cp",
	"virtio-net-pci": "virtio_net",
	"usb-net":        "cdc_ether",
	"vmxnet3":        "vmxnet3",
	"i82559c":        "e100",
	"pcnet":          "pcnet32",
}

// qemuHas tells which of QEMU's devices this version has.
func qemuHas(t *testing.T) func(device string) bool {
	t.Helper()
	out, err := exec.Command("qemu-system-x86_64", "-device", "help").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return func(device string) bool {
		return regexp.MustCompile(`(?m)^name "` + regexp.QuoteMeta(device) + `"`).Match(out)
	}
}

// direct plugs in a machine that QEMU starts without firmware, with the kernel
// parameters of its boot script and Secure Boot's lockdown.
func (b *bench) direct(cfg vbench.Config) *vbench.Machine {
	b.t.Helper()
	cfg.Kernel, cfg.Initrd = built(b.t, "boot/vmlinuz"), built(b.t, "boot/initramfs")
	m := b.plugAs(vbench.Direct, cfg)
	line, err := b.Parameters(b.ctx, m.MAC())
	if err != nil {
		b.t.Fatal(err)
	}
	m.SetAppend(line)
	if err := m.PowerOn(vbench.Start{}); err != nil {
		b.t.Fatal(err)
	}
	return m
}

// board is one machine of TestDevices.
type board struct {
	name, kind string
	nic        string // that it boots through
	storage    []attached
	nics       []string // further ones
}

// TestDevices has all storage devices and network adapters that QEMU can
// emulate, and many of the PCs that reach a workshop have, in a few machines: the
// agent lists each with its driver, its bus and its size, and nothing hides. Each
// kind of adapter that issue 4 names is once what the machine boots through
// (virtio's is in all other tests).
func TestDevices(t *testing.T) {
	has := qemuHas(t)
	boards := []board{
		{"q35", "q35", "e1000e", q35Storage, []string{"e1000", "igb", "rtl8139", "virtio-net-pci", "usb-net", "vmxnet3", "i82559c", "pcnet"}},
		{"pc", "pc", "rtl8139", pcStorage, nil},
		{"pc-e1000", "pc", "e1000", nil, nil},
		{"usb", "q35", "usb-net", nil, nil},
		{"q35-igb", "q35", "igb", nil, nil},
	}
	b := newBench(t, 10*time.Minute, settings{kernel: "lockdown=integrity"})
	number := 0
	for _, board := range boards {
		if !has(board.nic) {
			t.Logf("this QEMU has no %s: no machine boots through it here", board.nic)
			continue
		}
		number++
		b.devices(board, number, has)
	}
}

// devices runs one of the machines.
func (b *bench) devices(board board, number int, has func(string) bool) {
	t := b.t
	t.Helper()
	cfg := vbench.Config{Name: board.name, Board: board.kind, NIC: onBus(board.nic), Extra: b.storage(board)}
	drivers := []string{nicDrivers[board.nic]}
	for _, nic := range board.nics {
		if !has(nic) {
			t.Logf("this QEMU has no %s: it is not met here", nic)
			continue
		}
		cfg.Extra = append(cfg.Extra, "-device", onBus(nic))
		drivers = append(drivers, nicDrivers[nic])
	}
	began := time.Now()
	m := b.direct(cfg)
	defer m.PowerCut()
	v := b.registered(number)
	t.Logf("%s: registered after %v: %s", board.name, time.Since(began).Round(100*time.Millisecond), told(v))
	inv := v.Machine.Inventory
	if inv.Firmware.Lockdown != "integrity" {
		t.Errorf("%s: lockdown is %q", board.name, inv.Firmware.Lockdown)
	}
	for _, s := range board.storage {
		met(t, board.name, inv, s)
	}
	for n, driver := range drivers {
		if !slices.ContainsFunc(inv.NICs, func(a api.NIC) bool { return a.Driver == driver && a.Boot == (n == 0) }) {
			t.Errorf("%s: no network adapter has the driver %s as it should: %+v", board.name, driver, inv.NICs)
		}
	}
	if len(v.Blocked) > 0 {
		t.Errorf("%s: all drives are seen, and it is blocked: %q", board.name, v.Blocked)
	}
}

// onBus puts a USB adapter on the machine's USB controller.
func onBus(nic string) string {
	if strings.HasPrefix(nic, "usb-") {
		return nic + ",bus=keyboard.0"
	}
	return nic
}

// storage makes the drives of a machine, and returns QEMU's arguments for them.
func (b *bench) storage(board board) []string {
	b.t.Helper()
	var args []string
	for _, s := range board.storage {
		file := filepath.Join(b.dir, board.name+s.serial+".raw")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			b.t.Fatal(err)
		}
		if err := os.Truncate(file, deviceSize); err != nil {
			b.t.Fatal(err)
		}
		for _, arg := range s.args {
			args = append(args, strings.ReplaceAll(arg, "%s", file))
		}
	}
	return args
}

// met checks that the inventory has the drive of a storage device.
func met(t *testing.T, machine string, inv api.Inventory, s attached) {
	t.Helper()
	at := slices.IndexFunc(inv.Drives, func(d api.Drive) bool {
		return d.Bus == s.bus && (d.Serial == s.serial || s.serial == "")
	})
	if at < 0 {
		t.Errorf("%s: the drive of %s is not met", machine, s.device)
		return
	}
	d := inv.Drives[at]
	if d.SizeBytes != deviceSize {
		t.Errorf("%s: %s has %d bytes, not %d", machine, s.device, d.SizeBytes, deviceSize)
	}
	if s.driver == "" {
		return
	}
	if !slices.ContainsFunc(inv.Storage, func(c api.StorageDevice) bool {
		return c.Kind == api.StoragePCI && c.Driver == s.driver && slices.Contains(c.Drives, d.Node)
	}) {
		t.Errorf("%s: %s is not behind a controller with the driver %s: %+v", machine, s.device, s.driver, inv.Storage)
	}
}

// told is an inventory's drives and adapters, for the log.
func told(v imager.View) string {
	var words []string
	for _, d := range v.Machine.Inventory.Drives {
		words = append(words, fmt.Sprintf("%s %q on %s", d.Node, d.Serial, d.Bus))
	}
	for _, n := range v.Machine.Inventory.NICs {
		words = append(words, fmt.Sprintf("%s %s on %s", n.Name, n.Driver, n.Bus))
	}
	return strings.Join(words, ", ")
}
