package install

import (
	"context"
	"errors"

	"regain.example/agent/api"
	"regain.example/agent/install/gpt"
	"regain.example/agent/install/nocloud"
	"regain.example/images/manifest"
)

// writeSeed rewrites the seed's partition whole, so that nothing of what the
// image had there stays.
func writeSeed(ctx context.Context, med *medium, table *gpt.Table, m manifest.Manifest, seed map[string][]byte) error {
	part, err := seedPartition(med, table)
	if err != nil {
		return unusable(m, err)
	}
	if part.Number == m.Grow {
		return refuse(ErrLayout, "the image %s lets its CIDATA partition grow: make the image anew with another one to grow", m.Name)
	}
	sector := uint64(med.dev.LogicalSector())
	r := api.Range{Offset: part.First * sector, Length: (part.Last - part.First + 1) * sector}
	head, err := nocloud.Build(r.Length, uint32(sector), seed)
	if err != nil {
		return refuse(ErrSeed, "the machine's identity cannot be written (%v): make the image anew with a larger CIDATA partition, or shorten the profile's seed", err)
	}
	return med.change(ctx, r, head, "NoCloud seed")
}

// seedPartition finds the one partition for the seed: by the label of its file
// system, else by its own name.
func seedPartition(med *medium, table *gpt.Table) (gpt.Partition, error) {
	var labelled, named []gpt.Partition
	for _, p := range table.Partitions() {
		b := make([]byte, 512)
		if _, err := med.ReadAt(b, int64(p.First)*int64(med.dev.LogicalSector())); err != nil {
			return gpt.Partition{}, err
		}
		if nocloud.Labelled(b) {
			labelled = append(labelled, p)
		} else if nocloud.IsLabel(p.Name) {
			named = append(named, p)
		}
	}
	found := labelled
	if len(found) == 0 {
		found = named
	}
	switch len(found) {
	case 0:
		return gpt.Partition{}, errors.New("no partition is labelled CIDATA")
	case 1:
		return found[0], nil
	}
	return gpt.Partition{}, errors.New("more than one partition is labelled CIDATA")
}
