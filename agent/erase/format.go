package erase

import (
	"context"
	"errors"
	"fmt"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/nvme"
)

// format is NVMe Format NVM with a secure erase. What was on the drive before is
// sampled, markers are laid, and both are looked for afterwards.
type format struct{ ses nvme.SecureErase }

func (f format) Run(ctx context.Context, t *Target, seen *api.Attempt) error {
	if err := f.advertised(t.Drive); err != nil {
		return err
	}
	admin, err := t.drives.Admin(t.Drive)
	if err != nil {
		return notRun("the admin queue cannot be opened: %v", err)
	}
	defer admin.Close() //nolint:errcheck // nothing was written through it
	before, err := f.asInventoried(admin, t.Drive)
	if err != nil {
		return err
	}
	watch, err := lay(ctx, t, seen)
	if err != nil {
		return err
	}
	if err := f.send(ctx, t, admin, before, seen); err != nil {
		return err
	}
	if err := unchanged(admin, before, t.Drive.SizeBytes); err != nil {
		return err
	}
	t.phases.add(int(t.Drive.SizeBytes))
	if err := watch.look(ctx, t, seen); err != nil {
		return err
	}
	if t.Order.Verify != api.VerifyFull {
		return nil
	}
	return readBack(ctx, t, nil, seen)
}

// advertised refuses a drive that does not say it can do this. QEMU's drives,
// for one, take a cryptographic erase that they do not advertise.
func (f format) advertised(d api.Drive) error {
	switch {
	case d.NVMe == nil:
		return notRun("not an NVMe drive, or it does not answer Identify")
	case !nvme.CanFormat(*d.NVMe, f.ses):
		return notRun("the drive does not advertise Format NVM with secure erase setting %d (OACS %#x, FNA %#x)",
			f.ses, d.NVMe.OACS, d.NVMe.FNA)
	case d.NVMe.Namespaces != 1 && nvme.FormatsAll(*d.NVMe):
		return notRun("a format reaches all %d namespaces of the drive (FNA %#x)", d.NVMe.Namespaces, d.NVMe.FNA)
	}
	return nil
}

func (f format) asInventoried(admin nvme.Transport, d api.Drive) (api.NVMe, error) {
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

// send formats the namespace. Only a refusal that the specification places
// before the beginning means that nothing happened.
func (f format) send(ctx context.Context, t *Target, admin nvme.Transport, about api.NVMe, seen *api.Attempt) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	command := nvme.Format(about, f.ses, t.Drive.SizeBytes)
	began := t.elapsed()
	err := admin.Admin(command, nil)
	seen.Commands = append(seen.Commands, commandSent("Format NVM", command, err, t.elapsed()-began))
	switch {
	case nvme.RefusedBeforeStart(err):
		return notRun("the drive refused Format NVM: %v", err)
	case err != nil:
		return fmt.Errorf("format %s: %w", t.Drive.Node, err)
	}
	return ctx.Err()
}

func commandSent(name string, c nvme.Command, err error, took time.Duration) api.Command {
	sent := api.Command{
		Name: name, Opcode: uint8(c.Opcode), Arguments: c.CDW10, Millis: took.Milliseconds(),
	}
	var answer *nvme.StatusError
	switch {
	case errors.As(err, &answer):
		sent.Status = int(answer.Status)
	case err != nil:
		sent.Status, sent.Error = -1, err.Error()
	}
	return sent
}

// unchanged identifies the namespace again: a format must leave LBA format,
// metadata, protection and size as they were.
func unchanged(admin nvme.Transport, before api.NVMe, size uint64) error {
	after, err := nvme.About(admin, before.NSID)
	if err != nil {
		return fmt.Errorf("identify after the format: %w", err)
	}
	after.Controller = before.Controller
	after.UnallocByte = before.UnallocByte // judged by whoever compares the two
	if after != before {
		return fmt.Errorf("the format changed the drive: %+v, it was %+v", after, before)
	}
	namespace, err := nvme.IdentifyNamespace(admin, before.NSID)
	if err != nil {
		return fmt.Errorf("identify after the format: %w", err)
	}
	if now := namespace.Blocks * uint64(namespace.LBADataSize); now != size {
		return fmt.Errorf("the format changed the size: %d bytes, it was %d", now, size)
	}
	return nil
}
