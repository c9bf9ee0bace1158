package erase

import (
	"context"

	"regain.example/agent/api"
	"regain.example/agent/proof"
)

// recheck samples a drive whose evidence was accepted earlier in the job. It
// writes nothing.
func (t *Target) recheck(ctx context.Context) api.DriveEvidence {
	e := api.DriveEvidence{Drive: t.Order.Drive, Before: t.Drive, Kept: true}
	if len(t.Order.SampleSeed) == 0 {
		return e
	}
	if err := owned(t.Order, t.Drive); err != nil {
		e.Stopped = err.Error()
		return e
	}
	t.before(&e)
	err := t.resample(ctx, &e)
	t.phases.end()
	t.after(&e)
	if err != nil {
		e.Stopped = err.Error()
	}
	if why := stopped(ctx, err); why != "" {
		e.Stopped = why
	}
	return e
}

func (t *Target) resample(ctx context.Context, e *api.DriveEvidence) error {
	patterns, err := t.written()
	if err != nil {
		return err
	}
	t.phases.begin(api.PhaseVerify, 0)
	return paced(ctx, t, &api.Attempt{}, false, func(ctx context.Context, p *pacer) (err error) {
		e.Recheck, err = sampleAt(ctx, t, p, t.Order.SampleSeed, patterns)
		return err
	})
}

// written are the patterns that an accepted drive may hold: the boot that wrote
// it chose the generator.
func (t *Target) written() ([]*proof.Pattern, error) {
	if t.Order.Erased != api.MethodOverwrite {
		return nil, nil
	}
	var patterns []*proof.Pattern
	for _, g := range proof.Generators() {
		p, err := t.pattern(g, proof.DomainOverwrite)
		if err != nil {
			return nil, err
		}
		patterns = append(patterns, p)
	}
	return patterns, nil
}
