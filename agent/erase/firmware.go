package erase

import (
	"context"
	"fmt"

	"regain.example/agent/api"
	"regain.example/agent/nvme"
)

// firmware is an erasure that the drive does by itself on a command. What was on
// the drive before is sampled, markers are laid, and both are looked for
// afterwards.
type firmware struct {
	name api.Method
	command
}

// command is what differs between Format NVM and Sanitize.
type command interface {
	// refuse returns a *NotRunError for a drive that does not advertise it.
	refuse(d api.Drive) error
	// whole reports whether one command reaches all namespaces of the drive.
	whole(d api.Drive) bool
	// erase sends it, unless it is under way already, and waits for its end.
	erase(ctx context.Context, t *Target, p *prepared, seen *api.Attempt) error
}

// prepared is a drive on which everything is ready for the command.
type prepared struct {
	admin nvme.Transport
	about api.NVMe
	watch *watch
	// reach is the drives that the command erases; together says that they
	// have to wait for each other.
	reach    reach
	together bool
	// log is the Sanitize Status log as it was; for a sanitize only.
	log nvme.SanitizeLog
	// carried is set when the command was accepted in an earlier boot and is
	// still being run.
	carried bool
}

func (p *prepared) close() {
	if p.admin != nil {
		p.admin.Close() //nolint:errcheck // nothing was written through it
	}
}

// Run implements Method.
func (f firmware) Run(ctx context.Context, t *Target, seen *api.Attempt) error {
	p := &prepared{}
	defer p.close()
	err := f.prepare(ctx, t, p, seen)
	if err = f.runCommand(ctx, t, p, err, seen); err != nil {
		return err
	}
	t.state = stateUnproven
	if err := t.journal(ctx, p.watch.entry(f.name, api.StageCompleted)); err != nil {
		return err
	}
	if err := unchanged(p.admin, p.about, t.Drive.SizeBytes); err != nil {
		return err
	}
	if err := p.watch.look(ctx, t, seen); err != nil {
		return err
	}
	if err := sample(ctx, t, nil, seen); err != nil {
		return err
	}
	if t.Order.Verify != api.VerifyFull {
		return nil
	}
	return readBack(ctx, t, nil, seen)
}

// prepare does all that comes before the command. The method has not run if
// anything fails here, save where an operation was found under way.
func (f firmware) prepare(ctx context.Context, t *Target, p *prepared, seen *api.Attempt) (err error) {
	if err := f.refuse(t.Drive); err != nil {
		return err
	}
	p.reach = reach{t}
	if f.whole(t.Drive) {
		if err := t.group.covers(f.name); err != nil {
			return err
		}
		p.reach, p.together = t.group.working(), true
	}
	admin, err := t.Drives.Admin(t.Drive)
	if err != nil {
		return notRun("the admin queue cannot be opened: %v", err)
	}
	p.admin = asking{admin, t.Elapsed, seen}
	if p.about, err = asInventoried(p.admin, t.Drive); err != nil {
		return err
	}
	if s, ok := f.command.(sanitize); ok {
		if err := s.ready(ctx, t, p, seen); err != nil {
			return err
		}
	}
	if p.carried {
		p.watch, err = carry(t, f.name, seen)
		return err
	}
	if p.watch, err = lay(ctx, t, seen); err != nil {
		return err
	}
	return t.journal(ctx, p.watch.entry(f.name, api.StageBegun))
}

// runCommand runs the command once for all namespaces that it reaches.
func (f firmware) runCommand(ctx context.Context, t *Target, p *prepared, failed error, seen *api.Attempt) error {
	erase := func(ctx context.Context, seen *api.Attempt) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return f.erase(ctx, t, p, seen)
	}
	if p.together {
		return t.group.once(ctx, t, f.name, arrival{failed, p.carried}, seen, erase)
	}
	if failed != nil {
		return failed
	}
	return erase(ctx, seen)
}

// asInventoried asks the drive again what it advertises.
func asInventoried(admin nvme.Transport, d api.Drive) (api.NVMe, error) {
	now, err := nvme.About(admin, d.NVMe.NSID)
	if err != nil {
		return api.NVMe{}, notRun("the drive does not answer Identify: %v", err)
	}
	now.Controller = d.NVMe.Controller
	if now != *d.NVMe {
		return api.NVMe{}, notRun("the drive advertises something else than in the inventory: %+v, not %+v", now, *d.NVMe)
	}
	return now, nil
}

// unchanged identifies the namespace again: an erasure must leave LBA format,
// metadata, protection and size as they were.
func unchanged(admin nvme.Transport, before api.NVMe, size uint64) error {
	after, err := nvme.About(admin, before.NSID)
	if err != nil {
		return fmt.Errorf("identify after the erasure: %w", err)
	}
	after.Controller = before.Controller
	after.UnallocByte = before.UnallocByte // judged by whoever compares the two
	if after != before {
		return fmt.Errorf("the erasure changed the drive: %+v, it was %+v", after, before)
	}
	namespace, err := nvme.IdentifyNamespace(admin, before.NSID)
	if err != nil {
		return fmt.Errorf("identify after the erasure: %w", err)
	}
	if now := namespace.Blocks * uint64(namespace.LBADataSize); now != size {
		return fmt.Errorf("the erasure changed the size: %d bytes, it was %d", now, size)
	}
	return nil
}
