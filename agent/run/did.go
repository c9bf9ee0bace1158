package run

import (
	"sync"

	"regain.example/agent/api"
)

// did is what was done for one job in this boot. An order may come again, late,
// or with more in it than the work under way knew of: no drive is erased twice
// for one job, and none sampled twice with one seed.
type did struct {
	mu   sync.Mutex
	job  string
	done map[string]bool
}

// add notes that the evidence for what o asks of a drive was reported.
func (d *did) add(job string, o api.DriveOrder) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if job != d.job {
		d.job, d.done = job, map[string]bool{}
	}
	d.done[asked(o)] = true
}

// remainder returns what an order asks for that was not done yet. Nothing is asked
// of an accepted drive without a seed.
func (d *did) remainder(o *api.EraseOrder) *api.EraseOrder {
	d.mu.Lock()
	defer d.mu.Unlock()
	rest := *o
	rest.Drives = nil
	for _, drive := range o.Drives {
		todo := drive.Leave == "" && (!drive.Accepted || len(drive.SampleSeed) > 0)
		if todo && !(o.Job == d.job && d.done[asked(drive)]) {
			rest.Drives = append(rest.Drives, drive)
		}
	}
	return &rest
}

func asked(o api.DriveOrder) string {
	if o.Accepted {
		return "sample " + string(o.SampleSeed) + " " + string(o.Drive)
	}
	return "erase " + string(o.Drive)
}
