package imagertest

import (
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
)

// Erasures returns machines in the states that erasing leads through, numbered
// from 11.
func Erasures() []imager.View {
	return []imager.View{
		sanitizing(11), hot(12), sampled(13), purged(14), liar(15), worn(16), blocked(17), rechecked(18), cancelled(19), returned(20),
	}
}

// SSD is an NVMe drive that can sanitize, in a slot that the machine names.
func SSD(serial string) api.Drive {
	d := NVMe(serial)
	d.Bay = "M.2 slot 1"
	d.NVMe.OACS, d.NVMe.FNA, d.NVMe.SANICAP = 0x17, 4, 0b11
	d.NVMe.LBADataSize, d.NVMe.TotalBytes, d.NVMe.Allocated = 512, d.SizeBytes, 1
	return d
}

// onSSD gives a view a job on one SSD by sanitize, and its journal.
func onSSD(n int, serial string, state imager.JobState, reason string, stage api.Stage) imager.View {
	v := job(machine(n, "Dell Inc.", "Latitude 5400", "SN"+serial, SSD(serial)), state, reason)
	d := v.Job.Drives[0]
	d.Methods = []api.Method{api.MethodSanitizeBlock, api.MethodFormatCrypto, api.MethodFormat, api.MethodOverwrite}
	d.Verify, d.Seed = api.VerifyNISTR2, seed('s')
	if stage != "" {
		d.Journal = &imager.DriveJournal{At: At().Add(-38 * time.Minute), JournalEntry: api.JournalEntry{Method: d.Methods[0], Stage: stage}}
	}
	return v
}

// seed is a seed of one letter, for what is only shown.
func seed(letter byte) []byte {
	s := make([]byte, 32)
	for i := range s {
		s[i] = letter
	}
	return s
}

func sanitizing(n int) imager.View {
	v := progress(onSSD(n, "S4GENX0NA00011", imager.JobErasing, "", api.StageAccepted), api.PhaseErase, 0, 0.4)
	v.Progress.Drives[0].Method = api.MethodSanitizeBlock
	return v
}

func hot(n int) imager.View {
	v := job(machine(n, "HP", "HP ProDesk 600 G4", "CZC9001XYZ", Disk("WD-WCC2E0000012")), imager.JobErasing, "")
	v = progress(v, api.PhaseErase, 0, 0.62)
	p := &v.Progress.Drives[0]
	p.Method, p.Pause, p.Celsius = api.MethodOverwrite, api.PauseHot, 61
	v.Job.Drives[0].Journal = &imager.DriveJournal{At: At().Add(-time.Minute),
		JournalEntry: api.JournalEntry{Method: api.MethodOverwrite, Stage: api.StageOffset, Offset: 310_000_000_000}}
	return v
}

func sampled(n int) imager.View {
	v := progress(onSSD(n, "S4GENX0NA00013", imager.JobErasing, "", api.StageCompleted), api.PhaseVerify, 0, 0)
	v.Progress.Drives[0].Pause = api.PauseSeed
	return v
}

func purged(n int) imager.View {
	v := onSSD(n, "S4GENX0NA00014", imager.JobDone, "every drive is erased; the profile installs nothing", api.StageCompleted)
	v.Job.Profile = Profiles()[1]
	v.Online = false
	give(v, sanitized(v.Job.Drives[0]), judged{Outcome: imager.OutcomeErased, Level: imager.LevelPurge, Proof: proven, Reason: "nvme-sanitize-block, verified by reading back"})
	return v
}

// proven is what a sanitize that can be believed rests on.
const proven = "nvme-sanitize-block; the drive's log says sanitized; 64 of 64 markers gone; 256 samples: 256 empty"

func liar(n int) imager.View {
	v := onSSD(n, "S4GENX0NA00015", imager.JobQuarantined, "a drive has no accepted evidence", api.StageCompleted)
	ev := sanitized(v.Job.Drives[0])
	ev.Attempts[0].Markers.StillThere = 61
	ev.Attempts[0].Sampling.Uniform, ev.Attempts[0].Sampling.Other = 12, 244
	ev.Attempts[0].Sampling.First = []api.Range{{Offset: 1_050_673_152, Length: 1 << 20}}
	give(v, ev, judged{Outcome: imager.OutcomeNotErased,
		Proof:  "nvme-sanitize-block; the drive's log says sanitized; 3 of 64 markers gone; 256 samples: 12 empty, 244 content",
		Reason: "61 of 64 markers that were written before nvme-sanitize-block are still there",
		Advice: "Pull the drive in M.2 slot 1 (serial S4GENX0NA00015), seal it and declare it withdrawn: it may still hold data."})
	return v
}

func worn(n int) imager.View {
	v := onSSD(n, "S4GENX0NA00016", imager.JobQuarantined, "a drive is beyond the limits of the profile", api.StageCompleted)
	ev := sanitized(v.Job.Drives[0])
	ev.HealthBefore.MediaErrors, ev.HealthAfter.MediaErrors = number(1204), number(1893)
	warns := uint8(0x04)
	ev.HealthAfter.CriticalWarning = &warns
	give(v, ev, judged{Destroy: true, Proof: proven,
		Reason: "media errors rose from 1204 to 1893 during the erasure; and the drive counts 1204 bad sectors; the limit is 50",
		Advice: "Pull the drive in M.2 slot 1 (serial S4GENX0NA00016), seal it and declare it withdrawn: it is to be destroyed."})
	return v
}

func blocked(n int) imager.View {
	v := machine(n, "LENOVO", "20QES01L00", "PF1BLOCK", SSD("S4GENX0NA00017"))
	v.Machine.Inventory.Storage = []api.StorageDevice{
		{Kind: api.StorageNVMe, Address: "nvme0", Name: "SAMSUNG MZVLB256HBHQ-000L7", State: "live", Drives: []string{"nvme0n1"}},
		{Kind: api.StoragePCI, Address: "0000:00:17.0", Class: 0x010400, Vendor: 0x8086, Device: 0x282a, Driver: "ahci", Remapped: 1},
		{Kind: api.StorageSlot, Address: "M.2 slot 1", InUse: true, PCIAddress: "0000:03:00.0", Present: true},
		{Kind: api.StorageSlot, Address: "M.2 slot 2"},
	}
	v.Waiting = "approval"
	v.Blocked = []string{
		"the SATA controller at 0000:00:17.0 is in RAID mode and keeps 1 NVMe drive to itself: set the storage to AHCI in the firmware's setup, then start the machine from the network again",
	}
	return v
}

func rechecked(n int) imager.View {
	v := onSSD(n, "S4GENX0NA00018", imager.JobInstalling, "", api.StageCompleted)
	d := v.Job.Drives[0]
	v.Job.System = d.ID
	give(v, sanitized(d), judged{Outcome: imager.OutcomeErased, Level: imager.LevelPurge, Proof: proven, Reason: "nvme-sanitize-block, verified by reading back"})
	again := seed('r')
	ev := &api.DriveEvidence{Drive: d.ID, Before: d.Drive, After: d.Evidence.After, Kept: true, Recheck: samples(again, d.Verify)}
	_, file := canonical(ev)
	d.Recheck, d.Rechecked = &imager.Recheck{Session: "s", Seed: again, Evidence: ev, EvidenceFile: file}, "s"
	v = progress(v, api.PhaseInstall, 355e6, 0.1)
	return v
}

func cancelled(n int) imager.View {
	v := onSSD(n, "S4GENX0NA00019", imager.JobCancelled, "stopped by m.durand: fire drill", api.StageAccepted)
	d := v.Job.Drives[0]
	give(v, &api.DriveEvidence{
		Drive: d.ID, Before: d.Drive, HealthBefore: health(), Stopped: "cancelled",
		State: "the sanitize operation goes on in the drive by itself; what it holds is not known until it has ended",
		Attempts: []api.Attempt{{Method: api.MethodSanitizeBlock, BeganMillis: 60_000, EndedMillis: 184_000, Error: "cancelled",
			Commands: sanitizeCommands(), Sanitize: &api.Sanitize{Arguments: 0x0a, Accepted: true, Read: true, SeenRunning: 61, Status: 2, Progress: 26214, LogArguments: 0x0a},
			Markers: &api.Markers{Blocks: 64, BlockBytes: 1 << 20, Laid: 64, Flushed: true}}},
	}, judged{
		Proof:  "nvme-sanitize-block; the drive's log says still at it; 0 of 64 markers gone",
		Reason: "the work stopped before its end: cancelled", Advice: "Power the machine off and on, and approve it again."})
	return v
}

// returned is started from the network again after its job ended badly.
func returned(n int) imager.View {
	v := liar(n)
	v.Machine.LastSeen = At()
	v.Waiting = "approval"
	return v
}
