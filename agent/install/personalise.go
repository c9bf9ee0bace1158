package install

import (
	"context"
	"errors"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/firmware"
	"regain.example/agent/install/gpt"
	"regain.example/images/manifest"
)

// personalise fits the partition table to the drive and writes the machine's
// identity. Every changed range stands in the evidence before it is written. It
// returns the image's EFI system partition, or nil.
func personalise(ctx context.Context, job Job, dev drive.Device, m manifest.Manifest, ev *api.InstallEvidence) (*firmware.ESP, error) {
	p := begin(job, api.PhasePersonalise, 0)
	defer p.end()
	med := &medium{dev: dev}
	defer func() {
		for _, c := range med.changes {
			ev.Personalised = append(ev.Personalised, c.Personalised)
		}
	}()
	table, err := gpt.Read(med, uint64(dev.LogicalSector()), uint64(dev.Size()))
	if errors.Is(err, gpt.ErrNone) && m.Grow == 0 && m.Identity == manifest.IdentityNone {
		return nil, nil // the image is another kind of disk, and left alone
	}
	if err != nil {
		return nil, unusable(m, err)
	}
	if err := fitTable(ctx, med, table, m); err != nil {
		return nil, err
	}
	if m.Identity == manifest.IdentityNoCloud {
		if err := writeSeed(ctx, med, table, m, job.Order.Seed); err != nil {
			return nil, err
		}
	}
	if err := settle(ctx, med); err != nil {
		return nil, err
	}
	return esp(table), nil
}

// fitTable moves the table's end to the drive's and grows a partition.
func fitTable(ctx context.Context, med *medium, table *gpt.Table, m manifest.Manifest) error {
	if err := table.Fit(m.Grow); err != nil {
		return unusable(m, err)
	}
	changes, err := table.Changes()
	if err != nil {
		return unusable(m, err)
	}
	for _, c := range changes {
		if err := med.change(ctx, api.Range{Offset: c.Offset, Length: uint64(len(c.Data))}, c.Data, c.Why); err != nil {
			return err
		}
	}
	return nil
}

// settle flushes the changes and reads all of them back.
func settle(ctx context.Context, med *medium) error {
	if err := flush(med.dev); err != nil {
		return err
	}
	if err := med.verify(ctx); err != nil {
		return err
	}
	if err := gpt.Verify(med, uint64(med.dev.LogicalSector()), uint64(med.dev.Size())); err != nil {
		return refuse(ErrMismatch, "the partition table on the drive is not right after it was written (%v): replace the drive", err)
	}
	return nil
}

// unusable words an error of the image's own partitions; a drive's error stays.
func unusable(m manifest.Manifest, err error) error {
	var drive *DriveError
	if errors.As(err, &drive) {
		return err
	}
	return refuse(ErrLayout, "the partitions of the image %s cannot be used (%v): make the image anew", m.Name, err)
}

// esp finds the EFI system partition.
func esp(table *gpt.Table) *firmware.ESP {
	for _, p := range table.Partitions() {
		if p.IsESP() {
			return &firmware.ESP{Number: uint32(p.Number), FirstLBA: p.First, Blocks: p.Last - p.First + 1, GUID: p.GUID}
		}
	}
	return nil
}
