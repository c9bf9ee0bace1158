package imagertest

import (
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/images/manifest"
)

func waiting(n int) imager.View {
	v := machine(n, "Dell Inc.", "Latitude 7490", "8BR5RT2", NVMe("S4GENX0N123456"), Disk("WD-WCC2E1234567"), Stick())
	v.Waiting = "approval"
	return v
}

func countdown(n int) imager.View {
	v := job(machine(n, "LENOVO", "20L5CTO1WW", "PF1ABCDE", NVMe("S4GENX0N223456")), imager.JobErasing, "")
	v = progress(v, api.PhaseCountdown, 0, 0)
	v.Progress.CountdownSeconds = 17
	return v
}

func erasing(n int) imager.View {
	v := job(machine(n, "HP", "HP EliteDesk 800 G3 SFF", "CZC8123ABC", NVMe("S4GENX0N323456"), Disk("WD-WCC2E7654321")), imager.JobErasing, "")
	v = progress(v, api.PhaseErase, 141e6, 0.83, 0.27)
	v.Progress.Drives[0].Phase, v.Progress.Drives[0].BytesPerSecond = api.PhaseVerify, 1.62e9
	return v
}

func installing(n int) imager.View {
	v := erased(job(machine(n, "Dell Inc.", "OptiPlex 3060", "6JXW9Q2", NVMe("S4GENX0N423456")), imager.JobInstalling, ""))
	v.Job.System = v.Job.Drives[0].ID
	v = progress(v, api.PhaseInstall, 355e6, 0)
	v.Progress.Drives[0].Done, v.Progress.Drives[0].Total = 1_400_000_000, 3_221_225_472
	return v
}

func done(n int) imager.View {
	v := erased(job(machine(n, "Dell Inc.", "OptiPlex 3060", "7KXW9Q3", NVMe("S4GENX0N523456")), imager.JobDone, ""))
	v.Online, v.Job.System, v.Job.Hostname = false, v.Job.Drives[0].ID, "pc-0005"
	v.Job.FirstBoot = &imager.FirstBootCall{At: At().Add(-time.Minute), Call: api.FirstBoot{Hostname: "pc-0005"}}
	return v
}

func quarantined(n int) imager.View {
	v := job(machine(n, "Acer", "Veriton X4640G", "DTVMWEF00171200AB3", Disk("WD-WCC2E9999999")), imager.JobQuarantined,
		"a drive has no accepted evidence: take it out and destroy it, or approve the machine again")
	d := erased(v).Job.Drives[0]
	d.Evidence.Attempts[0].ReadBack.Mismatches = 3
	d.Evidence.Attempts[0].ReadBack.First = []api.Range{{Offset: 120_034_123_776, Length: 1 << 20}}
	judge(d, d.Evidence, judged{Outcome: imager.OutcomeNotErased,
		Proof:  "overwrite; every sector written; every sector read back, 3 MiB differ; 256 samples: 256 pattern",
		Reason: "3 MiB did not read back as they were written",
		Advice: "Pull the drive with serial WD-WCC2E9999999, seal it and declare it withdrawn: it may still hold data."})
	return v
}

func halted(n int) imager.View {
	v := machine(n, "FUJITSU", "ESPRIMO Q556/2", "YM5E012345", NVMe("S4GENX0N723456"))
	v.Machine.Halted = "two machines speak with this identity"
	return v
}

func failed(n int) imager.View {
	v := job(machine(n, "LENOVO", "10MQS0K300", "PC0ABCDE", NVMe("S4GENX0N823456")), imager.JobInstallFailed,
		"frame 112 of image debian12 is not what its manifest says: verify the image with regain image verify debian12, then install again")
	return erased(v)
}

func installed(n int) imager.View {
	v := erased(job(machine(n, "Dell Inc.", "Latitude 5490", "9CR5RT3", NVMe("S4GENX0N923456")), imager.JobInstalled, ""))
	v.Online = false
	v.Waiting = "its first start"
	v.Job.Image = &imager.ImageRef{Name: "debian12", Confirm: manifest.ConfirmOperator}
	return v
}

func away(n int) imager.View {
	v := machine(n, "Hewlett-Packard", "HP ProBook 650 G1", "5CG5231XYZ", Disk("WD-WCC2E5555555"))
	v.Online, v.Boot = false, "kernel 2026-11-22T09:40:52Z"
	return v
}
