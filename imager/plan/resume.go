package plan

import (
	"slices"

	"regain.example/agent/api"
	"regain.example/imager"
)

// Resume returns the plan of a drive for a new boot of its machine, by the last
// step that was reported from the boots before:
//
//	journal                           methods           goes on
//	nothing                           as planned        from nothing
//	a method began, whatever came     that method only  as api.Resume says
//	  after
//	a method that was not planned     none              not at all
//
// Nothing weaker than the method that began is left, since it may have run. Where
// the overwrite that follows a cryptographic erasure had begun, the overwrite
// alone is finished: what the earlier boot saw of the key's end was not kept, and
// the verdict is that of an overwrite. Sample places are drawn anew. d itself is
// not changed.
func Resume(d imager.JobDrive) imager.JobDrive {
	d.Resumed, d.SampleSeed = nil, nil
	if d.Journal == nil {
		return d
	}
	began := d.Journal.Method
	if !slices.Contains(d.Methods, began) && !(began == d.Follow && slices.ContainsFunc(d.Methods, Crypto)) {
		d.Methods = nil
		return d
	}
	d.Methods = []api.Method{began}
	if !Crypto(began) {
		d.Follow = ""
	}
	d.Resumed = &api.Resume{JournalEntry: d.Journal.JournalEntry}
	return d
}
