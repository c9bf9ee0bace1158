package appliance

import (
	"slices"
	"testing"
	"time"

	"regain.example/boot"
	"regain.example/imager/bootwatch"
)

// TestBootwatchKnowsTheWords: neither house may import the other, and each has the
// names of stages, askers, chains, loaders and architectures.
func TestBootwatchKnowsTheWords(t *testing.T) {
	stages := []boot.Stage{
		boot.StageOffer, boot.StageAddress, boot.StageLoader, boot.StageScript, boot.StageKernel, boot.StageInitramfs,
		boot.StageImageSize, boot.StageImage, boot.StageLocalDisk, boot.StageRefused, boot.StageUnserved,
		boot.StageElsewhere, boot.StageWithheld, boot.StageBroken,
	}
	if len(bootwatch.Stages()) != len(stages) {
		t.Errorf("it knows %d stages, want %d", len(bootwatch.Stages()), len(stages))
	}
	for _, s := range stages {
		if !slices.Contains(bootwatch.Stages(), string(s)) {
			t.Errorf("it does not know stage %s", s)
		}
	}
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		s    boot.Sighting
		want bootwatch.Kind
	}{
		"iPXE asks":      {boot.Sighting{Stage: boot.StageAddress, By: boot.AskerIPXE}, bootwatch.SilentHTTP},
		"firmware asks":  {boot.Sighting{Stage: boot.StageAddress, By: boot.AskerFirmware, Client: boot.Client{Arch: boot.ArchEFI64}}, bootwatch.SilentTFTP},
		"HTTP Boot asks": {boot.Sighting{Stage: boot.StageAddress, By: boot.AskerFirmware, Client: boot.Client{Arch: boot.ArchEFI64HTTP}}, bootwatch.SilentHTTP},
		"shim":           {boot.Sighting{Stage: boot.StageLoader, Chain: boot.ChainShim, File: boot.FileShim}, bootwatch.ThirdPartyCA},
		"GRUB":           {boot.Sighting{Stage: boot.StageLoader, Chain: boot.ChainShim, File: boot.FileGRUB}, bootwatch.NoConfig},
		"iPXE, UEFI":     {boot.Sighting{Stage: boot.StageLoader, Chain: boot.ChainIPXE, File: boot.FileUEFI, Client: boot.Client{Arch: boot.ArchEFI64}}, bootwatch.IPXERefused},
		"iPXE, BIOS":     {boot.Sighting{Stage: boot.StageLoader, Chain: boot.ChainIPXE, File: boot.FileBIOS}, bootwatch.LoaderBIOS},
		"32-bit UEFI":    {boot.Sighting{Stage: boot.StageUnserved, Client: boot.Client{Arch: boot.ArchEFI32}}, bootwatch.Arch32},
		"ARM":            {boot.Sighting{Stage: boot.StageUnserved, Client: boot.Client{Arch: boot.ArchARM64}}, bootwatch.ArchARM},
		"ARM, 32 bits":   {boot.Sighting{Stage: boot.StageUnserved, Client: boot.Client{Arch: boot.ArchARM32}}, bootwatch.ArchARM},
		"something else": {boot.Sighting{Stage: boot.StageUnserved, Client: boot.Client{Arch: 0x1b}}, bootwatch.ArchOther},
		"a system asks":  {boot.Sighting{Stage: boot.StageAddress, By: boot.AskerSystem}, ""},
	} {
		var w bootwatch.Watch
		w.See(bootwatch.Event{At: at, Stage: string(c.s.Stage), By: string(c.s.By), Chain: string(c.s.Chain), File: c.s.File, Arch: c.s.Client.Arch.String()})
		got := bootwatch.Kind("")
		if trouble := w.Trouble(at.Add(time.Hour), false); trouble != nil {
			got = bootwatch.Kind(trouble.Kind)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
