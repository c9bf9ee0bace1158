package erase

import (
	"testing"

	"regain.example/agent/api"
)

func TestOrdersThatAreRefused(t *testing.T) {
	for name, change := range map[string]func(*bench, *api.DriveOrder){
		"of another drive":  func(_ *bench, o *api.DriveOrder) { o.Drive = "other" },
		"without a seed":    func(_ *bench, o *api.DriveOrder) { o.Seed = nil },
		"with a short seed": func(_ *bench, o *api.DriveOrder) { o.Seed = o.Seed[:31] },
		"without a method":  func(_ *bench, o *api.DriveOrder) { o.Methods = nil },
		"of an optical drive": func(b *bench, _ *api.DriveOrder) {
			b.drive.Excluded = "optical drive"
		},
	} {
		b := newBench(2*mib, 512)
		order := b.order(api.VerifyFull, api.MethodOverwrite)
		change(b, &order)
		before := b.disk.Bytes()
		e := b.erase(t.Context(), order).Evidence
		if e.Stopped == "" || len(e.Attempts) != 0 {
			t.Errorf("%s: %+v", name, e)
		}
		if string(before) != string(b.disk.Bytes()) {
			t.Errorf("%s: the drive was written to", name)
		}
	}
}

func TestAcceptedDriveIsKept(t *testing.T) {
	b := newBench(2*mib, 512)
	order := b.order(api.VerifyFull, api.MethodOverwrite)
	order.Accepted = true
	before := b.disk.Bytes()
	got := b.erase(t.Context(), order)
	if !got.Evidence.Kept || len(got.Evidence.Attempts) != 0 || got.ZeroRead || string(before) != string(b.disk.Bytes()) {
		t.Errorf("%+v", got)
	}
}

func TestUnknownMethodDoesNotRun(t *testing.T) {
	b := newBench(2*mib, 512)
	e := b.erase(t.Context(), b.order(api.VerifyFull, "melt")).Evidence
	if len(e.Attempts) != 1 || e.Attempts[0].NotRun == "" || e.Stopped != "" {
		t.Errorf("%+v", e)
	}
}
