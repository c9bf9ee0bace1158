package erase

import (
	"context"
	"fmt"
	"slices"

	"regain.example/agent/api"
	"regain.example/agent/proof"
)

// overwrite writes one pass of the pattern over every addressable sector,
// flushes, opens the drive anew and reads all of it back.
type overwrite struct{}

// Run implements Method.
func (overwrite) Run(ctx context.Context, t *Target, seen *api.Attempt) error {
	from, generator := t.writtenBefore()
	pattern, err := t.pattern(generator, proof.DomainOverwrite)
	if err != nil {
		return err
	}
	pass := &pass{t: t, pattern: pattern, from: from}
	if err := pass.begin(ctx); err != nil {
		return err
	}
	err = paced(ctx, t, seen, true, func(ctx context.Context, p *pacer) error { return pass.write(ctx, p, seen) })
	if err != nil {
		return fmt.Errorf("overwrite %s: %w", t.Drive.Node, err)
	}
	t.state = "It is overwritten from end to end, but that was not read back to the end."
	if err := t.journal(ctx, pass.entry(api.StageCompleted, t.Drive.SizeBytes)); err != nil {
		return err
	}
	if err := readBack(ctx, t, pattern, seen); err != nil {
		return err
	}
	return sample(ctx, t, []*proof.Pattern{pattern}, seen)
}

// writtenBefore is how far an earlier boot came, in bytes, and the generator that
// it used. Anything that makes no sense is a start from nothing.
func (t *Target) writtenBefore() (from uint64, g proof.Generator) {
	r := t.resume(api.MethodOverwrite)
	if r == nil || r.Offset == 0 || r.Offset > t.Drive.SizeBytes || !slices.Contains(proof.Generators(), proof.Generator(r.Pattern)) {
		return 0, t.generator
	}
	if r.Offset < t.Drive.SizeBytes {
		return r.Offset / proof.Unit * proof.Unit, proof.Generator(r.Pattern)
	}
	return r.Offset, proof.Generator(r.Pattern)
}
