package mainjob

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"regain.example/cmd/internal/oracle"
)

// lookAtDrives reads the raw drive files while the machine is off, between the
// installation and the first boot: later the new system changes its own files.
func (r *run) lookAtDrives(ctx context.Context) error {
	view, err := r.appliance.Client().Machine(ctx, 1)
	if err != nil {
		return err
	}
	r.jobPhases(view.Job)
	for _, d := range r.drives {
		r.cfg.Step("looking for old data on %s, from the host", d.Serial)
		seen, err := oracle.Scan(d.Path)
		if err != nil {
			return err
		}
		control, err := oracle.SelfTest(r.dir, d.Path)
		if err != nil {
			return fmt.Errorf("the scan itself does not work on %s: %w", d.Serial, err)
		}
		r.sum.OldData = append(r.sum.OldData, OldData{Drive: d.Serial, Scan: seen, Control: control})
		if seen.Found > 0 {
			return fmt.Errorf("%d records of old data are left on %s, the first at %d", seen.Found, d.Serial, seen.First)
		}
	}
	r.cfg.Step("comparing the installed drive with the master image")
	var except []oracle.Range
	for _, p := range view.Job.Install.Personalised {
		except = append(except, oracle.Range{Offset: int64(p.Offset), Length: int64(p.Length)})
		r.sum.Personalised = append(r.sum.Personalised, fmt.Sprintf("%s: %d bytes at %d", p.Why, p.Length, p.Offset))
	}
	diff, err := oracle.CompareZstd(r.drives[0].Path, filepath.Join(r.cfg.Build, "master", "images", image+".img.zst"), except)
	if err != nil {
		return err
	}
	r.sum.Image = &diff
	if diff.Differing > 0 {
		return fmt.Errorf("%d bytes of the installed image differ outside of what was personalised, the first at %d", diff.Differing, diff.First)
	}
	return nil
}

// record keeps the machine's record as the controller gives it to programs.
func (r *run) record(ctx context.Context) error {
	view, err := r.appliance.Client().Machine(ctx, 1)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(view, "", "  ")
	if err != nil {
		return err
	}
	r.sum.Record = filepath.Join(r.cfg.Out, "job-"+view.Job.ID+".json")
	return os.WriteFile(r.sum.Record, append(text, '\n'), 0o644)
}

// keepLogs copies the controller's log and the machine's console to Out.
func (r *run) keepLogs() {
	keep := func(from, name string) {
		if b, err := os.ReadFile(from); err == nil {
			if err := os.WriteFile(filepath.Join(r.cfg.Out, name), b, 0o644); err != nil {
				r.cfg.Step("keep %s: %v", name, err)
			}
		}
	}
	if r.appliance != nil {
		keep(r.appliance.Log(), "controller.log")
	}
	if r.machine != nil {
		keep(r.machine.Console(), "console.log")
	}
}
