package vbench

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Config says what a machine is made of.
type Config struct {
	Name     string // of its files and in messages
	Dir      string // for its state; made if it does not exist
	Firmware Firmware
	HTTPBoot bool // UEFI and SecureBoot: the firmware boots by HTTP and not by PXE
	Drives   []Drive
	MAC      string // of its network port; "" for one made from Name
	NIC      string // QEMU's device for that port; "" for virtio-net-pci
	Board    string // QEMU's machine type; "" for q35

	// What SMBIOS tells (DMTF DSP0134, table 1). An empty one is left to QEMU.
	UUID, Manufacturer, Product, Serial string

	// Slots for drives that SMBIOS tells of.
	Slots []Slot

	MemoryMiB int // 512 if 0
	CPUs      int // 2 if 0

	// Direct only.
	Kernel, Initrd, Append string

	// Extra arguments for QEMU.
	Extra []string
}

// Machine is a computer on the bench. Its state (drives, firmware variables)
// outlives its power.
type Machine struct {
	cfg  Config
	wire *Wire
	tap  string
	on   *Process
}

// NewMachine plugs a machine into the wire. It is off.
func (w *Wire) NewMachine(cfg Config) (*Machine, error) {
	if cfg.MemoryMiB == 0 {
		cfg.MemoryMiB = 512
	}
	if cfg.CPUs == 0 {
		cfg.CPUs = 2
	}
	if cfg.MAC == "" {
		sum := eui64(cfg.Name)
		cfg.MAC = fmt.Sprintf("52:54:00:%02x:%02x:%02x", byte(sum>>16), byte(sum>>8), byte(sum))
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, err
	}
	tap, err := w.Tap()
	if err != nil {
		return nil, err
	}
	return &Machine{cfg: cfg, wire: w, tap: tap}, nil
}

// MAC is the address of its network port.
func (m *Machine) MAC() string { return m.cfg.MAC }

// SetDrives changes what drives the machine has at its next power-on.
func (m *Machine) SetDrives(drives []Drive) { m.cfg.Drives = slices.Clone(drives) }

// SetAppend changes the kernel's command line of a machine without firmware.
func (m *Machine) SetAppend(line string) { m.cfg.Append = line }

// Console is the file that holds all that the machine wrote to its serial line.
func (m *Machine) Console() string { return filepath.Join(m.cfg.Dir, "console.log") }

func (m *Machine) socket() string { return filepath.Join(m.cfg.Dir, "qmp") }

// args returns QEMU's command line.
func (m *Machine) args(s Start) ([]string, error) {
	machine := cmp.Or(m.cfg.Board, "q35")
	if m.cfg.Firmware == SecureBoot {
		machine += ",smm=on"
	}
	args := []string{
		"-name", m.cfg.Name, "-nodefaults", "-no-user-config",
		"-accel", "tcg,thread=multi", "-cpu", "max",
		"-smp", strconv.Itoa(m.cfg.CPUs), "-m", strconv.Itoa(m.cfg.MemoryMiB),
		"-display", "none", "-vga", "std",
		"-chardev", "file,id=console,append=on,path=" + m.Console(), "-serial", "chardev:console",
		"-qmp", "unix:" + m.socket() + ",server=on,wait=off",
		"-device", "virtio-rng-pci",
		"-device", "qemu-xhci,id=keyboard", "-device", "usb-kbd,bus=keyboard.0",
	}
	if s.HoldReboot {
		args = append(args, "-action", "reboot=shutdown")
	}
	switch m.cfg.Firmware {
	case UEFI, SecureBoot:
		flash, err := m.cfg.Firmware.pflash(m.cfg.Dir)
		if err != nil {
			return nil, err
		}
		args = append(args, flash...)
		if m.cfg.Firmware == SecureBoot {
			args = append(args, "-global", "driver=cfi.pflash01,property=secure,value=on")
		}
		if m.cfg.HTTPBoot {
			args = append(args, withoutPXE()...)
		}
	case Direct:
		args = append(args, "-kernel", m.cfg.Kernel, "-initrd", m.cfg.Initrd, "-append", m.cfg.Append)
	}
	smbios, err := m.smbios()
	if err != nil {
		return nil, err
	}
	args = append(args, smbios...)
	args = append(args, m.network(s)...)
	if slices.ContainsFunc(m.cfg.Drives, func(d Drive) bool { return d.Bus == VhostSCSI }) {
		// The other process reads and writes the machine's memory.
		args = append(args, "-object", fmt.Sprintf("memory-backend-memfd,id=mem,share=on,size=%dM", m.cfg.MemoryMiB))
		machine += ",memory-backend=mem"
	}
	args = append(args, "-machine", machine)
	for n, d := range m.cfg.Drives {
		bootIndex := 0
		switch {
		case s.NetworkFirst:
			bootIndex = n + 2
		case d.First:
			bootIndex = 1
		}
		more, err := d.args(n, bootIndex)
		if err != nil {
			return nil, err
		}
		args = append(args, more...)
	}
	return append(args, m.cfg.Extra...), nil
}

func (m *Machine) network(s Start) []string {
	nic := cmp.Or(m.cfg.NIC, "virtio-net-pci") + ",netdev=lan,mac=" + m.cfg.MAC
	if m.cfg.Firmware != BIOS && !strings.HasPrefix(nic, "usb-") {
		// OVMF brings its own PXE; without this it would run iPXE from the
		// card's ROM instead.
		nic += ",romfile="
	}
	if s.NetworkFirst {
		nic += ",bootindex=1"
	}
	return []string{
		"-netdev", "tap,id=lan,script=no,downscript=no,ifname=" + m.tap,
		"-device", nic,
	}
}
