// Package imagertest holds a working imager.Operator in memory, for the tests of
// the pages, the socket, the metrics and the command line.
package imagertest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
)

// Operator keeps machines in memory and applies what operators do by the same
// table of states as the real one. It knows no agent: tests Put what an agent
// would have reported.
type Operator struct {
	Now func() time.Time

	mu       sync.Mutex
	profiles []imager.Profile
	views    map[int]imager.View
	watchers map[chan int]bool
	fail     error

	withdrawn []imager.Withdrawn
	evidence  map[string][]byte // by SHA-256
	boots     imager.Boots
}

var _ imager.Operator = (*Operator)(nil)

// New returns an operator that knows the profiles and machines.
func New(now func() time.Time, profiles []imager.Profile, views ...imager.View) *Operator {
	o := &Operator{Now: now, profiles: profiles, views: map[int]imager.View{}, watchers: map[chan int]bool{}, evidence: map[string][]byte{}}
	for _, v := range views {
		o.views[v.Machine.Number] = v
		o.keepEvidence(v)
	}
	return o
}

// Put sets what is known of a machine and tells the watchers.
func (o *Operator) Put(v imager.View) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.put(v)
}

// Forget drops a machine and tells the watchers.
func (o *Operator) Forget(number int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.views, number)
	o.tell(number)
}

// Fail makes every method return err until it is called with nil.
func (o *Operator) Fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fail = err
}

func (o *Operator) put(v imager.View) {
	o.views[v.Machine.Number] = v
	o.keepEvidence(v)
	o.tell(v.Machine.Number)
}

func (o *Operator) tell(number int) {
	for w := range o.watchers {
		select {
		case w <- number:
		default: // it has one to read, and looks at all then
		}
	}
}

// Machines implements imager.Operator.
func (o *Operator) Machines(ctx context.Context) ([]imager.View, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var all []imager.View
	for _, v := range o.views {
		all = append(all, v)
	}
	slices.SortFunc(all, func(a, b imager.View) int { return a.Machine.Number - b.Machine.Number })
	return all, o.fail
}

// Machine implements imager.Operator.
func (o *Operator) Machine(ctx context.Context, n int) (imager.View, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.find(n)
}

func (o *Operator) find(n int) (imager.View, error) {
	v, ok := o.views[n]
	if o.fail != nil {
		return v, o.fail
	}
	if !ok {
		return v, fmt.Errorf("machine %d: %w", n, imager.ErrNotFound)
	}
	return v, nil
}

// Profiles implements imager.Operator.
func (o *Operator) Profiles(ctx context.Context) ([]imager.Profile, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.profiles, o.fail
}

// Watch implements imager.Operator.
func (o *Operator) Watch(ctx context.Context) <-chan int {
	o.mu.Lock()
	defer o.mu.Unlock()
	w := make(chan int, 1)
	o.watchers[w] = true
	context.AfterFunc(ctx, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		delete(o.watchers, w)
		close(w)
	})
	return w
}

// Approve implements imager.Operator.
func (o *Operator) Approve(ctx context.Context, actor string, a imager.Approval) (imager.Job, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	v, err := o.find(a.Machine)
	if err != nil {
		return imager.Job{}, err
	}
	if a.Code != "" {
		if err := o.enter(&v, actor, a.Code); err != nil {
			return imager.Job{}, err
		}
	}
	if v.Enrolment == imager.EnrolCode {
		return imager.Job{}, fmt.Errorf("machine %d shows a code: %w", a.Machine, imager.ErrConflict)
	}
	p := slices.IndexFunc(o.profiles, func(p imager.Profile) bool { return p.Name == a.Profile })
	if p < 0 {
		return imager.Job{}, fmt.Errorf("profile %q: %w", a.Profile, imager.ErrNotFound)
	}
	if v.Job != nil && !v.Job.State.Ended() {
		return imager.Job{}, fmt.Errorf("machine %d has a job under way: %w", a.Machine, imager.ErrConflict)
	}
	var ids []api.DriveID
	var drives []*imager.JobDrive
	for _, d := range v.Machine.Inventory.Drives {
		if d.Excluded == "" {
			ids = append(ids, d.ID())
			drives = append(drives, &imager.JobDrive{ID: d.ID(), Drive: d, Methods: []api.Method{api.MethodOverwrite}})
		}
	}
	slices.Sort(ids)
	if !slices.Equal(ids, slices.Sorted(slices.Values(a.Drives))) {
		return imager.Job{}, fmt.Errorf("the drives of machine %d are not those that were approved: %w", a.Machine, imager.ErrConflict)
	}
	v.Job = &imager.Job{
		ID: fmt.Sprintf("01JOB%d", a.Machine), Machine: a.Machine, Profile: o.profiles[p],
		State: imager.JobApproved, ApprovedBy: actor, Approved: o.Now(), Drives: drives, System: a.System,
	}
	o.note(&v, actor, "approved "+a.Profile)
	return *v.Job, nil
}

// Stop implements imager.Operator.
func (o *Operator) Stop(ctx context.Context, actor string, n int, reason string) error {
	return o.become(n, actor, "stopped: "+reason, func(j *imager.Job) error {
		next := imager.JobCancelled
		if j.State == imager.JobApproved {
			next = imager.JobVoid
		}
		return j.Become(next, reason, o.Now())
	})
}

// Retry implements imager.Operator.
func (o *Operator) Retry(ctx context.Context, actor string, n int) error {
	return o.become(n, actor, "installs again", func(j *imager.Job) error {
		return j.Become(imager.JobInstalling, "", o.Now())
	})
}

// Confirm implements imager.Operator.
func (o *Operator) Confirm(ctx context.Context, actor string, n int) error {
	return o.become(n, actor, "confirmed", func(j *imager.Job) error {
		return j.Become(imager.JobDone, "", o.Now())
	})
}

// Release implements imager.Operator.
func (o *Operator) Release(ctx context.Context, actor string, n int) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	v, err := o.find(n)
	if err != nil {
		return err
	}
	if v.Machine.Halted == "" && v.Job != nil && !v.Job.State.Ended() {
		return fmt.Errorf("machine %d has a job under way: %w", n, imager.ErrConflict)
	}
	v.Machine.Halted, v.Machine.Released = "", true
	o.note(&v, actor, "released")
	return nil
}

func (o *Operator) become(n int, actor, text string, change func(*imager.Job) error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	v, err := o.find(n)
	if err != nil {
		return err
	}
	if v.Job == nil {
		return fmt.Errorf("machine %d has no job: %w", n, imager.ErrConflict)
	}
	job := *v.Job
	if err := change(&job); err != nil {
		return fmt.Errorf("machine %d: %w: %w", n, imager.ErrConflict, err)
	}
	v.Job = &job
	o.note(&v, actor, text)
	return nil
}

func (o *Operator) note(v *imager.View, actor, text string) {
	e := imager.Entry{At: o.Now(), Actor: actor, Machine: v.Machine.Number, Text: text}
	v.Log = append([]imager.Entry{e}, v.Log...)
	o.put(*v)
}
