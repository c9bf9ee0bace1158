package imagertest

import (
	"math"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
)

// At is the time at which Bench is set.
func At() time.Time { return time.Date(2026, 11, 22, 9, 41, 0, 0, time.UTC) }

// Profiles are two ordinary profiles.
func Profiles() []imager.Profile {
	return []imager.Profile{
		{Name: "debian", Title: "Debian 12, hardened", Image: "debian12", Hostname: "pc-{number}", Verify: api.VerifyFull, CountdownSeconds: 30, ExcludeRemovable: true, AtEnd: api.EndPowerOff},
		{Name: "erase", Title: "Erase only", Verify: api.VerifyFull, CountdownSeconds: 30, ExcludeRemovable: true, AtEnd: api.EndPowerOff},
	}
}

// NVMe returns a solid-state drive of an office laptop.
func NVMe(serial string) api.Drive {
	return api.Drive{
		Node: "nvme0n1", Location: "pci0000:00/0000:00:1d.0/0000:03:00.0/nvme", Bus: api.BusNVMe,
		EUI64: "002538b411b2c3d4", Model: "SAMSUNG MZVLB256HBHQ-000L7", Serial: serial, Firmware: "4L2QEXH7",
		SizeBytes: 256060514304, LogicalSector: 512, PhysicalSector: 512, NVMe: &api.NVMe{Controller: "nvme0", NSID: 1, Namespaces: 1},
	}
}

// Disk returns a hard disk of an office computer.
func Disk(serial string) api.Drive {
	return api.Drive{
		Node: "sda", Location: "pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0", Bus: api.BusATA,
		WWN: "naa.50014ee2b4c1d2e3", Model: "WDC WD5000AAKX-60U6AA0", Serial: serial, Firmware: "18.01H18",
		SizeBytes: 500107862016, LogicalSector: 512, PhysicalSector: 512, Rotational: true,
	}
}

// Stick returns the stick that a technician forgot in the machine.
func Stick() api.Drive {
	return api.Drive{
		Node: "sdb", Location: "pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0", Bus: api.BusUSB, Model: "SanDisk Cruzer Blade",
		Serial: "4C530001230415116284", SizeBytes: 15518924800, LogicalSector: 512, PhysicalSector: 512, Removable: true, Excluded: "removable medium",
	}
}

// Bench returns machines in all the states that people meet.
func Bench() []imager.View {
	return []imager.View{
		waiting(1), countdown(2), erasing(3), installing(4), done(5), quarantined(6), halted(7), failed(8), installed(9), away(10),
	}
}

func machine(n int, maker, product, serial string, drives ...api.Drive) imager.View {
	at := At()
	return imager.View{
		Online: true,
		Machine: imager.Machine{
			Number: n, FirstSeen: at.Add(-50 * time.Minute), LastSeen: at.Add(-48 * time.Minute), Session: "s",
			Inventory: api.Inventory{
				System:      api.System{Manufacturer: maker, Product: product, Serial: serial, UUID: "4c4c4544-0042-3510-8052-b4c04f564433", BIOSVendor: maker, BIOSVersion: "1.21.0"},
				Firmware:    api.Firmware{Kind: api.FirmwareUEFI, SecureBoot: true},
				CPU:         api.CPU{Model: "Intel(R) Core(TM) i5-8350U CPU @ 1.70GHz", Sockets: 1, Cores: 4, Threads: 8},
				MemoryBytes: 8219000832, TPM: api.TPM{Present: true, Version: "2.0"},
				NICs:   []api.NIC{{Name: "eno1", MAC: "a4:bb:6d:12:34:56", Driver: "e1000e", Bus: "pci", Boot: true}},
				Drives: drives,
			},
		},
		Log: []imager.Entry{
			{At: at.Add(-48 * time.Minute), Actor: "agent", Machine: n, Text: "registered"},
			{At: at.Add(-50 * time.Minute), Actor: "controller", Machine: n, Text: "booted from the network, UEFI"},
		},
	}
}

// job gives a view a job in a state; its drives are the machine's.
func job(v imager.View, state imager.JobState, reason string) imager.View {
	at := At()
	v.Job = &imager.Job{
		ID: "01KAN3V9ZJ6Q4T8W2X5Y7B0CDE", Machine: v.Machine.Number, Profile: Profiles()[0], State: state, Reason: reason,
		ApprovedBy: "m.durand", Approved: at.Add(-40 * time.Minute), Began: at.Add(-39 * time.Minute),
	}
	if state.Ended() {
		v.Job.Ended = at.Add(-time.Minute)
	}
	v.Log = append([]imager.Entry{{At: at.Add(-40 * time.Minute), Actor: "m.durand", Machine: v.Machine.Number, Job: v.Job.ID, Text: "approved for Debian 12, hardened"}}, v.Log...)
	for _, d := range v.Machine.Inventory.Drives {
		if d.Excluded == "" {
			v.Job.Drives = append(v.Job.Drives, &imager.JobDrive{ID: d.ID(), Drive: d, Methods: []api.Method{api.MethodOverwrite}, Verify: api.VerifyFull})
		}
	}
	return v
}

// progress gives each drive of a view's job a part of its phase.
func progress(v imager.View, phase api.Phase, rate float64, parts ...float64) imager.View {
	v.Progress = &api.Progress{Job: v.Job.ID}
	for i, part := range parts {
		d := v.Job.Drives[i]
		v.Progress.Drives = append(v.Progress.Drives, api.DriveProgress{
			Drive: d.ID, Phase: phase, Done: uint64(math.Ceil(float64(d.Drive.SizeBytes) * part)), Total: d.Drive.SizeBytes, BytesPerSecond: rate,
		})
	}
	return v
}

// erased gives every drive of a job evidence of an overwrite, and the verdict on it.
func erased(v imager.View) imager.View {
	at := At()
	for _, d := range v.Job.Drives {
		judge(d, overwritten(d), judged{Outcome: imager.OutcomeErased, Level: imager.LevelClear,
			Reason: "overwrite, verified by reading back", Proof: "overwrite; every sector written; every sector read back, 0 MiB differ; 256 samples: 256 pattern"})
		v.Job.Phases = append(v.Job.Phases,
			imager.Phase{Phase: api.PhaseErase, Drive: d.ID, Began: at.Add(-39 * time.Minute), Ended: at.Add(-29 * time.Minute), Millis: 600_000, Bytes: d.Drive.SizeBytes},
			imager.Phase{Phase: api.PhaseVerify, Drive: d.ID, Began: at.Add(-29 * time.Minute), Ended: at.Add(-21 * time.Minute), Millis: 480_000, Bytes: d.Drive.SizeBytes})
	}
	return v
}
