package erase

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/nvme"
	"regain.example/agent/proof"
)

// erase tries the methods in order; the next one only after a method that is
// known not to have run.
func (t *Target) erase(ctx context.Context) Result {
	evidence := api.DriveEvidence{Drive: t.Order.Drive, Before: t.Drive, Resumed: t.Order.Resume}
	if err := refuse(t.Order, t.Drive); err != nil {
		evidence.Stopped, evidence.State = err.Error(), t.state
		return Result{Evidence: evidence}
	}
	t.before(&evidence)
	for _, name := range t.methods() {
		if last := t.attempt(ctx, name, &evidence); last.NotRun == "" || evidence.Stopped != "" {
			break
		}
	}
	if t.follows(evidence) {
		t.attempt(ctx, t.Order.Follow, &evidence)
	}
	t.phases.end()
	t.after(&evidence)
	if last := evidence.Attempts[len(evidence.Attempts)-1]; evidence.Stopped+last.Error+last.NotRun != "" {
		evidence.State = t.state
	}
	return Result{Evidence: evidence, ZeroRead: zeroRead(evidence)}
}

// owned holds back what no order should ever ask for.
func owned(order api.DriveOrder, d api.Drive) error {
	switch {
	case d.ID() != order.Drive:
		return fmt.Errorf("this drive is %s, the order is for %s", d.ID(), order.Drive)
	case d.Excluded != "":
		return fmt.Errorf("this device is no drive to be erased: %s", d.Excluded)
	}
	return nil
}

// refuse holds back what no order to erase should ever ask for.
func refuse(order api.DriveOrder, d api.Drive) error {
	if err := owned(order, d); err != nil {
		return err
	}
	resume := order.Resume
	switch {
	case len(order.Seed) != proof.SeedBytes:
		return fmt.Errorf("the order's seed has %d bytes, not %d", len(order.Seed), proof.SeedBytes)
	case len(order.Methods) == 0:
		return errors.New("the order names no method")
	case resume != nil && resume.Method != order.Follow && !slices.Contains(order.Methods, resume.Method):
		return fmt.Errorf("the order goes on from %q, which it does not name", resume.Method)
	}
	return nil
}

// methods are those of the order. Where one of them had begun before a power cut
// it is the only one: it may have run, and nothing weaker may follow.
func (t *Target) methods() []api.Method {
	if r := t.Order.Resume; r != nil && slices.Contains(t.Order.Methods, r.Method) {
		return []api.Method{r.Method}
	}
	return t.Order.Methods
}

// resume is what an earlier boot began of a method; nil if nothing.
func (t *Target) resume(m api.Method) *api.Resume {
	if r := t.Order.Resume; r != nil && r.Method == m && slices.Contains(t.Order.Methods, m) {
		return r
	}
	return nil
}

// follows reports whether the order wants another method after what ran.
func (t *Target) follows(e api.DriveEvidence) bool {
	last := e.Attempts[len(e.Attempts)-1]
	crypto := last.Method == api.MethodSanitizeCrypto || last.Method == api.MethodFormatCrypto
	return crypto && t.Order.Follow != "" && last.NotRun == "" && last.Error == "" && e.Stopped == ""
}

// attempt runs one method and files its end under one of three: completed,
// known not to have run, or unknown.
func (t *Target) attempt(ctx context.Context, name api.Method, e *api.DriveEvidence) api.Attempt {
	t.phases.method(name)
	t.phases.begin(api.PhaseErase, 0)
	attempt := api.Attempt{Method: name, BeganMillis: t.Elapsed().Milliseconds()}
	err := ctx.Err()
	if err == nil {
		err = t.run(ctx, name, &attempt)
	}
	var notRun *NotRunError
	switch {
	case errors.As(err, &notRun):
		attempt.NotRun = notRun.Reason
	case err != nil:
		attempt.Error = err.Error()
	}
	attempt.EndedMillis = t.Elapsed().Milliseconds()
	e.Attempts = append(e.Attempts, attempt)
	e.Stopped = stopped(ctx, err)
	return attempt
}

func (t *Target) run(ctx context.Context, name api.Method, seen *api.Attempt) error {
	if q, bad := nvme.Rule(t.Drive.Model, t.Drive.Firmware, name); bad && t.Drive.NVMe != nil {
		return notRun("not on this model: %s (%s)", q.Why, q.Source)
	}
	return methodOf(name).Run(ctx, t, seen)
}

func stopped(ctx context.Context, err error) string {
	switch {
	case ctx.Err() != nil:
		return "cancelled"
	case errors.Is(err, drive.ErrGone):
		return "drive disappeared"
	case errors.Is(err, drive.ErrChanged):
		return "another drive stands in its place"
	}
	return ""
}

func zeroRead(e api.DriveEvidence) bool {
	if e.Stopped != "" || e.After == nil {
		return false
	}
	last := e.Attempts[len(e.Attempts)-1]
	return last.NotRun == "" && last.Error == "" && last.ReadBack != nil &&
		e.Before.SizeBytes > 0 && last.ReadBack.ZeroBytes == e.Before.SizeBytes &&
		e.After.ID() == e.Before.ID()
}
