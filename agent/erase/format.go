package erase

import (
	"context"
	"errors"
	"fmt"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/nvme"
)

// format is NVMe Format NVM with a secure erase.
type format struct{ ses nvme.SecureErase }

// refuse refuses a drive that does not say it can do this. QEMU's drives, for
// one, take a cryptographic erase that they do not advertise.
func (f format) refuse(d api.Drive) error {
	switch {
	case d.NVMe == nil:
		return notRun("not an NVMe drive, or it does not answer Identify")
	case !nvme.CanFormat(*d.NVMe, f.ses):
		return notRun("the drive does not advertise Format NVM with secure erase setting %d (OACS %#x, FNA %#x)",
			f.ses, d.NVMe.OACS, d.NVMe.FNA)
	}
	return nil
}

// whole reads FNA (bits 0 and 1): a format of one namespace is then one of all.
func (f format) whole(d api.Drive) bool {
	return d.NVMe != nil && nvme.FormatsAll(*d.NVMe)
}

// erase formats the namespaces. Only a refusal that the specification places
// before the beginning means that nothing happened.
func (f format) erase(_ context.Context, t *Target, p *prepared, seen *api.Attempt) error {
	p.reach.say("It was told to format itself; whether it did is not known.")
	for i, one := range f.commands(p.reach) {
		err := t.send(p.admin, "Format NVM", one, seen)
		switch {
		case nvme.RefusedBeforeStart(err) && i == 0:
			p.reach.say(stateMarked)
			return refused("Format NVM", t.Drive, err)
		case err != nil:
			return fmt.Errorf("format namespace %d: %w", one.NSID, err)
		}
	}
	p.reach.begin()
	p.reach.progress(1, 1)
	return nil
}

// commands are one for each namespace, or a single one if that erases all.
func (f format) commands(r reach) []nvme.Command {
	var list []nvme.Command
	total := uint64(0)
	for _, t := range r {
		total += t.Drive.SizeBytes
		list = append(list, nvme.Format(*t.Drive.NVMe, f.ses, t.Drive.SizeBytes))
	}
	if nvme.ErasesAll(*r[0].Drive.NVMe) {
		return []nvme.Command{nvme.Format(*r[0].Drive.NVMe, f.ses, total)}
	}
	return list
}

func refused(name string, d api.Drive, err error) error {
	if known, ok := nvme.Advice(d.Model, d.Firmware); ok {
		return notRun("the drive refused %s: %v. %s", name, err, known.Why)
	}
	return notRun("the drive refused %s: %v", name, err)
}

// send sends a command and notes it with its end.
func (t *Target) send(admin nvme.Transport, name string, c nvme.Command, seen *api.Attempt) error {
	began := t.Elapsed()
	err := admin.Admin(c, nil)
	seen.Commands = append(seen.Commands, commandSent(name, c, err, t.Elapsed()-began))
	return err
}

func commandSent(name string, c nvme.Command, err error, took time.Duration) api.Command {
	sent := api.Command{
		Name: name, Opcode: uint8(c.Opcode), NSID: c.NSID, Arguments: c.CDW10, Millis: took.Milliseconds(),
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
