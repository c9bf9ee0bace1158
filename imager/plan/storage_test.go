package plan

import (
	"strings"
	"testing"

	"regain.example/agent/api"
)

func TestStorage(t *testing.T) {
	function := func(class uint32, driver string, changes ...func(*api.StorageDevice)) api.Inventory {
		s := api.StorageDevice{Kind: api.StoragePCI, Address: "0000:00:17.0", Name: "SATA controller", Class: class, Vendor: 0x8086, Device: 0x282a, Driver: driver}
		for _, change := range changes {
			change(&s)
		}
		return api.Inventory{Storage: []api.StorageDevice{s}}
	}
	controller := func(state string, drives ...string) api.Inventory {
		return api.Inventory{Storage: []api.StorageDevice{{Kind: api.StorageNVMe, Address: "nvme0", State: state, Drives: drives}}}
	}
	slot := func(inUse, present bool, address string, drives ...api.Drive) api.Inventory {
		return api.Inventory{Drives: drives, Storage: []api.StorageDevice{{
			Kind: api.StorageSlot, Address: "M2_1", Name: "M.2 Socket 3 (key M)", InUse: inUse, PCIAddress: address, Present: present}}}
	}
	namespaces := func(n api.NVMe, shown int) api.Inventory {
		n.Controller = "nvme0"
		var inv api.Inventory
		for range shown {
			inv.Drives = append(inv.Drives, nvme(n))
		}
		return inv
	}
	connected := func(kind api.StorageKind, drives ...string) api.Inventory {
		return api.Inventory{Storage: []api.StorageDevice{{Kind: kind, Address: "SATA port 2", Name: "disk", State: "6.0 Gbps", Drives: drives}}}
	}
	from := func(vendor, device uint16) func(*api.StorageDevice) {
		return func(s *api.StorageDevice) { s.Vendor, s.Device = vendor, device }
	}
	for name, c := range map[string]struct {
		inv  api.Inventory
		says []string // none: not blocked
	}{
		"nothing told":               {inv: api.Inventory{}},
		"AHCI with drives":           {inv: function(0x010601, "ahci", func(s *api.StorageDevice) { s.Drives = []string{"sda"} })},
		"AHCI, nothing connected":    {inv: function(0x010601, "ahci")},
		"SATA in RAID mode, seen":    {inv: function(0x010400, "ahci", func(s *api.StorageDevice) { s.Drives = []string{"sda"} })},
		"VMD with its driver":        {inv: function(0x010400, "vmd")},
		"SD host, no card":           {inv: function(0x080501, "sdhci-pci")},
		"RAID controller, no driver": {function(0x010400, ""), []string{"0000:00:17.0", "8086:282a", `"VMD Controller"`, `to "Disabled"`, `"RAID On"`, `to "AHCI"`}},
		"AMD's NVMe RAID, no driver": {function(0x010400, "", from(0x1022, 0xb000)), []string{"1022:b000", `"NVMe RAID Mode" (RAIDXpert2) to "Disabled"`}},
		"RAID adapter, no driver":    {function(0x010400, "", from(0x1095, 0x3132)), []string{"1095:3132", `"HBA"`, "declare them withdrawn"}},
		"SAS adapter, no driver":     {function(0x010700, "", from(0x9005, 0x0410)), []string{"9005:0410", `"HBA"`}},
		"SD host, no driver":         {function(0x080501, ""), []string{"0000:00:17.0", "card"}},
		"card reader, no driver":     {function(0x018000, "", from(0x1217, 0x7130)), []string{"1217:7130", "take out the card", "switch the reader off"}},
		"SATA, no driver":            {function(0x010601, ""), []string{`"SATA Operation"`, `"AHCI"`}},
		"IDE, no driver":             {function(0x010180, ""), []string{"8086:282a", `"AHCI"`}},
		"NVMe, no driver":            {function(0x010802, ""), []string{"8086:282a", "power the machine off", "declare it withdrawn"}},
		"remapped":                   {function(0x010601, "ahci", func(s *api.StorageDevice) { s.Remapped = 2 }), []string{"2 NVMe drives are hidden", `"RAID On"`, `to "AHCI"`, "Optane"}},
		"one remapped, RAID mode":    {function(0x010400, "ahci", func(s *api.StorageDevice) { s.Remapped, s.Drives = 1, []string{"sda"} }), []string{"1 NVMe drive is hidden", `to "AHCI"`}},
		"behind VMD, seen":           {inv: function(0x010802, "nvme", func(s *api.StorageDevice) { s.Address, s.Drives = "10000:e1:00.0", []string{"nvme0n1"} })},
		"NVMe":                       {inv: controller("live", "nvme0n1")},
		"what is no slot": {inv: api.Inventory{Storage: []api.StorageDevice{{
			Kind: api.StorageNVMe, Address: "nvme0", State: "live", Drives: []string{"nvme0n1"}, InUse: true, PCIAddress: "0000:01:00.0"}}}},
		"NVMe without namespace":           {controller("live"), []string{"nvme0", "declare it withdrawn"}},
		"NVMe dead":                        {controller("dead", "nvme0n1"), []string{"nvme0", "dead"}},
		"NVMe of no state":                 {controller("", "nvme0n1"), []string{"nvme0"}},
		"slot empty":                       {inv: slot(false, false, "0000:01:00.0")},
		"slot in use":                      {inv: slot(true, true, "0000:01:00.0")},
		"slot in use, no address":          {inv: slot(true, false, "")},
		"slot in use, device missing":      {slot(true, false, "0000:01:00.0"), []string{"M2_1", "0000:01:00.0"}},
		"missing, a SATA SSD is there":     {inv: slot(true, false, "0000:01:00.0", disk("S1"))},
		"missing, a rotating disk only":    {slot(true, false, "0000:01:00.0", disk("S1", func(d *api.Drive) { d.Rotational = true })), []string{"M2_1"}},
		"missing, the SSD has its own bay": {slot(true, false, "0000:01:00.0", disk("S1", func(d *api.Drive) { d.Bay = "bay 1" })), []string{"M2_1"}},
		"missing, the SSD is on USB":       {slot(true, false, "0000:01:00.0", disk("S1", func(d *api.Drive) { d.Bus = api.BusUSB })), []string{"M2_1"}},
		"SATA disk":                        {inv: connected(api.StorageATA, "sda")},
		"SATA disk that hides":             {connected(api.StorageATA), []string{"SATA port 2", "cable"}},
		"SCSI disk that hides":             {connected(api.StorageSCSI), []string{"SATA port 2"}},
		"drive of no size":                 {api.Inventory{Drives: []api.Drive{disk("S1", func(d *api.Drive) { d.SizeBytes, d.Bay = 0, "bay 3" })}}, []string{"S1", "bay 3"}},
		"empty card reader":                {inv: api.Inventory{Drives: []api.Drive{disk("C1", func(d *api.Drive) { d.SizeBytes, d.Excluded = 0, "empty card reader" })}}},
		"one namespace":                    {inv: namespaces(api.NVMe{Namespaces: 1, Allocated: 1, OACS: 2}, 1)},
		"two namespaces":                   {inv: namespaces(api.NVMe{Namespaces: 2, Allocated: 2, OACS: 2}, 2)},
		"two namespaces, one shows":        {namespaces(api.NVMe{Namespaces: 2, Allocated: 2, OACS: 2, SANICAP: 2}, 1), []string{"2 active namespaces"}},
		"number of namespaces not told":    {namespaces(api.NVMe{OACS: 2}, 1), []string{"how many namespaces"}},
		"unallocated":                      {namespaces(api.NVMe{Namespaces: 1, OACS: 2, UnallocByte: 5e9}, 1), []string{"5.0 GB", "sanitize"}},
		"unallocated, sanitize":            {inv: namespaces(api.NVMe{Namespaces: 1, OACS: 2, UnallocByte: 5e9, SANICAP: 1}, 1)},
		"unallocated, two namespaces":      {namespaces(api.NVMe{Namespaces: 2, OACS: 2, UnallocByte: 5e9}, 2), []string{"5.0 GB"}},
		"inactive namespace":               {namespaces(api.NVMe{Namespaces: 1, Allocated: 3, OACS: 2}, 1), []string{"2 namespaces", "sanitize"}},
		"inactive namespace, sanitize":     {inv: namespaces(api.NVMe{Namespaces: 1, Allocated: 3, OACS: 2, SANICAP: 4}, 1)},
	} {
		got := Storage(c.inv)
		if (len(got) > 0) != (len(c.says) > 0) || len(got) > 1 {
			t.Errorf("%s: %q", name, got)
			continue
		}
		for _, word := range c.says {
			if !strings.Contains(got[0], word) {
				t.Errorf("%s: %q does not say %q", name, got[0], word)
			}
		}
	}
}

// TestSlotsAndSSDs: each solid-state SATA drive accounts for one slot.
func TestSlotsAndSSDs(t *testing.T) {
	slot := api.StorageDevice{Kind: api.StorageSlot, Address: "M2_1", Name: "M.2 Socket 3 (key M)", InUse: true, PCIAddress: "0000:01:00.0"}
	inv := api.Inventory{Drives: []api.Drive{disk("S1")}, Storage: []api.StorageDevice{slot, slot}}
	if got := Storage(inv); len(got) != 1 {
		t.Errorf("two slots, one drive: %q", got)
	}
	slot.Name = "U.2, PCI Express 3"
	inv.Storage = []api.StorageDevice{slot}
	if got := Storage(inv); len(got) != 1 {
		t.Errorf("a slot that takes no SATA drive: %q", got)
	}
}

// TestBareController: a controller without namespace is told once.
func TestBareController(t *testing.T) {
	bare := nvme(api.NVMe{Controller: "nvme0"})
	bare.Node, bare.SizeBytes = "nvme0", 0
	inv := api.Inventory{Drives: []api.Drive{bare}, Storage: []api.StorageDevice{{Kind: api.StorageNVMe, Address: "nvme0", State: "live"}}}
	if got := Storage(inv); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

// TestPlace names the bay where there is one.
func TestPlace(t *testing.T) {
	d := disk("S1")
	if got := place(d); got != Name(d) {
		t.Errorf("%q", got)
	}
	d.Bay = "bay 3"
	if got := place(d); got != Name(d)+" in bay 3" {
		t.Errorf("%q", got)
	}
}
