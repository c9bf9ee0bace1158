package explain

import (
	"strings"
	"testing"

	"regain.example/agent/api"
	"regain.example/imager"
)

func TestEveryMethodHasAName(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range []api.Method{api.MethodSanitizeBlock, api.MethodSanitizeCrypto, api.MethodSanitizeOverwrite,
		api.MethodFormatCrypto, api.MethodFormat, api.MethodOverwrite, "", "zap"} {
		name := Method(m)
		if seen[name] || name == "" || strings.Contains(name, "nvme-") {
			t.Errorf("%q is called %q", m, name)
		}
		seen[name] = true
	}
	if Method("zap") != `unknown method "zap"` {
		t.Errorf("an unknown method is called %q", Method("zap"))
	}
}

func TestHow(t *testing.T) {
	crypto := imager.JobDrive{Methods: []api.Method{api.MethodSanitizeCrypto, api.MethodOverwrite}, Follow: api.MethodOverwrite}
	begun := crypto
	begun.Journal = &imager.DriveJournal{JournalEntry: api.JournalEntry{Method: api.MethodSanitizeCrypto, Stage: api.StageBegun}}
	ended := begun
	ended.Evidence = &api.DriveEvidence{Attempts: []api.Attempt{
		{Method: api.MethodSanitizeBlock, NotRun: "refused"}, {Method: api.MethodSanitizeCrypto}, {Method: api.MethodOverwrite}}}
	refused := crypto
	refused.Evidence = &api.DriveEvidence{Attempts: []api.Attempt{{Method: api.MethodSanitizeCrypto, NotRun: "refused"}}}
	for name, test := range map[string]struct {
		d    imager.JobDrive
		want string
	}{
		"planned":         {crypto, "NVMe sanitize, cryptographic erase; if the drive refuses, overwrite, every sector once; a cryptographic erase is followed by overwrite, every sector once"},
		"begun":           {begun, "NVMe sanitize, cryptographic erase"},
		"ended":           {ended, "NVMe sanitize, cryptographic erase, then overwrite, every sector once"},
		"nothing ran yet": {refused, How(crypto)},
		"nothing planned": {imager.JobDrive{}, "none"},
	} {
		if got := How(test.d); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestDoing(t *testing.T) {
	journal := imager.JobDrive{Journal: &imager.DriveJournal{JournalEntry: api.JournalEntry{Method: api.MethodSanitizeBlock, Stage: api.StageAccepted}}}
	for name, test := range map[string]struct {
		p    api.DriveProgress
		d    imager.JobDrive
		want string
	}{
		"hot":                  {api.DriveProgress{Pause: api.PauseHot, Celsius: 71}, imager.JobDrive{}, "Paused: at 71 °C the drive is too hot; it goes on when it is cooler"},
		"hot, not told":        {api.DriveProgress{Pause: api.PauseHot}, imager.JobDrive{}, "Paused: the drive is too hot; it goes on when it is cooler"},
		"seed":                 {api.DriveProgress{Phase: api.PhaseVerify, Pause: api.PauseSeed}, journal, "Complete by the drive's word; waiting for the controller's sample seed"},
		"others":               {api.DriveProgress{Phase: api.PhaseErase, Pause: api.PauseOthers}, journal, "Waiting for the other namespaces of its controller"},
		"sanitize":             {api.DriveProgress{Phase: api.PhaseErase, Method: api.MethodSanitizeCrypto}, imager.JobDrive{}, "The drive sanitizes itself"},
		"sanitize, by journal": {api.DriveProgress{Phase: api.PhaseErase}, journal, "The drive sanitizes itself"},
		"method over journal":  {api.DriveProgress{Phase: api.PhaseErase, Method: api.MethodOverwrite}, journal, "Overwriting"},
		"format":               {api.DriveProgress{Phase: api.PhaseErase, Method: api.MethodFormat}, imager.JobDrive{}, "The drive formats itself and tells no progress"},
		"version 1 agent":      {api.DriveProgress{Phase: api.PhaseErase}, imager.JobDrive{}, "Erasing"},
		"verify":               {api.DriveProgress{Phase: api.PhaseVerify, Method: api.MethodSanitizeBlock}, journal, "Reading back"},
		"unknown pause":        {api.DriveProgress{Phase: api.PhaseVerify, Pause: "lunch"}, journal, "Reading back"},
	} {
		if got := Doing(test.p, test.d); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestStep(t *testing.T) {
	for want, j := range map[string]api.JournalEntry{
		"NVMe sanitize, block erase: accepted by the drive":               {Method: api.MethodSanitizeBlock, Stage: api.StageAccepted},
		"NVMe format, user data erase: begun":                             {Method: api.MethodFormat, Stage: api.StageBegun},
		"overwrite, every sector once: 310.0 GB written and flushed":      {Method: api.MethodOverwrite, Stage: api.StageOffset, Offset: 310e9},
		"overwrite, every sector once: completed by the drive's word":     {Method: api.MethodOverwrite, Stage: api.StageCompleted},
		`overwrite, every sector once: unknown stage "polishing"`:         {Method: api.MethodOverwrite, Stage: "polishing"},
		`unknown method "polish": begun`:                                  {Method: "polish", Stage: api.StageBegun},
		"NVMe sanitize, overwrite by the drive: accepted by the drive":    {Method: api.MethodSanitizeOverwrite, Stage: api.StageAccepted},
		"NVMe format, cryptographic erase: completed by the drive's word": {Method: api.MethodFormatCrypto, Stage: api.StageCompleted},
	} {
		if got := Step(j); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestPlace(t *testing.T) {
	for want, d := range map[string]api.Drive{
		"bay 3, serial X1":   {Bay: "bay 3", Serial: "X1"},
		"serial X1":          {Serial: "X1", Location: "pci0"},
		"no serial, at pci0": {Serial: " ", Location: "pci0"},
		"serial D1 (told by a bridge, not by the drive)": {Serial: "D1", SerialOfBridge: true},
	} {
		if got := Place(d); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestPlain(t *testing.T) {
	got := Plain("nvme-format-crypto refused; nvme-format ran; nvme-sanitize-crypto, nvme-sanitize-block, nvme-sanitize-overwrite")
	if strings.Contains(got, "nvme-") || !strings.HasPrefix(got, "format (cryptographic erase) refused; format (user data erase) ran") {
		t.Errorf("%q", got)
	}
}
