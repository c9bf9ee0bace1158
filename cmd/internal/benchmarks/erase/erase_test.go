//go:build bench

// Package erase measures overwrite and read-back against fio and dd.
package erase

import (
	"context"
	"fmt"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/erase"
	"regain.example/agent/nvme"
	"regain.example/agent/proof"
	"regain.example/cmd/internal/benchmarks/measure"
	"regain.example/cmd/internal/paced"
)

// BenchmarkErase prints how fast a drive is overwritten and read back: held to
// the speed of real drives as a fraction of what fio reaches there, and as fast
// as the memory goes against dd, which makes no pattern and compares nothing.
func BenchmarkErase(b *testing.B) {
	measure.Root(b)
	var table measure.Table
	b.Run("paced-200", func(b *testing.B) { pacedTo(b, &table, 200, 512<<20) })
	b.Run("paced-500", func(b *testing.B) { pacedTo(b, &table, 500, 1<<30) })
	b.Run("unpaced", func(b *testing.B) { unpaced(b, &table, 1<<30) })
	table.Print("Erasure: one drive, one pass of the pattern, then all of it read back and compared")
}

// pacedTo measures on a drive of limit 10^6 bytes per second.
func pacedTo(b *testing.B, table *measure.Table, limit, size int64) {
	d := measure.NewDrive(b, size)
	hold(b, d, limit)
	var write, read, fioWrite, fioRead measure.Rate
	for b.Loop() {
		w, r := eraseOnce(b, d)
		write, read = write.Best(w), read.Best(r)
		fioWrite, fioRead = fioWrite.Best(fio(b, d, "write")), fioRead.Best(fio(b, d, "read"))
	}
	at := fmt.Sprintf(" at %d MB/s", limit)
	table.Add(b, measure.Row{What: "overwrite" + at, Ours: write, Peer: "fio", Theirs: fioWrite, Limit: float64(limit), Aim: 0.95})
	table.Add(b, measure.Row{What: "samples and read-back" + at, Ours: read, Peer: "fio", Theirs: fioRead, Limit: float64(limit), Aim: 0.95})
}

// hold puts this process and its children under a limit until b ends.
func hold(b *testing.B, d *measure.Drive, limit int64) {
	b.Helper()
	g, err := paced.New()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := g.Close(); err != nil {
			b.Error(err)
		}
	})
	major, minor, err := d.Loop.Number()
	if err != nil {
		b.Fatal(err)
	}
	if err := g.Limit(major, minor, uint64(limit)*1e6); err != nil {
		b.Fatal(err)
	}
	if err := g.Enter(); err != nil {
		b.Fatal(err)
	}
}

// unpaced measures the best of three turns each.
func unpaced(b *testing.B, table *measure.Table, size int64) {
	d := measure.NewDrive(b, size)
	var write, read, ddWrite, ddRead measure.Rate
	for b.Loop() {
		for range 3 {
			w, r := eraseOnce(b, d)
			write, read = write.Best(w), read.Best(r)
			ddWrite = ddWrite.Best(dd(b, d, "if=/dev/zero", "of="+d.Loop.Path(), "oflag=direct", "iflag=count_bytes", fmt.Sprint("count=", size), "conv=fsync,notrunc"))
			ddRead = ddRead.Best(dd(b, d, "if="+d.Loop.Path(), "of=/dev/null", "iflag=direct"))
		}
	}
	table.Add(b, measure.Row{What: "overwrite unpaced", Ours: write, Peer: "dd of zeros", Theirs: ddWrite})
	table.Add(b, measure.Row{What: "samples and read-back unpaced", Ours: read, Peer: "dd to /dev/null", Theirs: ddRead})
}

// eraseOnce overwrites and reads back the drive, and measures both.
func eraseOnce(b *testing.B, d *measure.Drive) (write, read measure.Rate) {
	b.Helper()
	costs := &meter{}
	if _, err := eraseDrive(b.Context(), d, costs); err != nil {
		b.Fatal(err)
	}
	return costs.rate(api.PhaseErase, d), costs.rate(api.PhaseVerify, d)
}

// eraseDrive erases the drive as the agent does.
func eraseDrive(ctx context.Context, d *measure.Drive, costs *meter) (api.DriveEvidence, error) {
	began := time.Now()
	order := api.DriveOrder{Drive: d.ID(), Methods: []api.Method{api.MethodOverwrite},
		Seed: make([]byte, proof.SeedBytes), Verify: api.VerifyFull}
	host := drives{d}
	e := erase.New(erase.Config{Drives: host, Facts: host, Journal: host, Report: costs,
		Elapsed: func() time.Duration { return time.Since(began) }},
		[]erase.Work{{Order: order, Drive: d.Drive}}).Drive(ctx, 0).Evidence
	if e.Stopped != "" || len(e.Attempts) != 1 || e.Attempts[0].Error != "" {
		return e, fmt.Errorf("erase %s: %+v", d.Node, e)
	}
	did := e.Attempts[0]
	if did.Overwrite.BytesWritten != d.SizeBytes || did.ReadBack.BytesRead != d.SizeBytes || did.ReadBack.Mismatches > 0 {
		return e, fmt.Errorf("erase %s: %+v, %+v", d.Node, did.Overwrite, did.ReadBack)
	}
	return e, nil
}

// drives is the one drive, which tells nothing of itself, and a controller that
// answers at once.
type drives struct{ *measure.Drive }

func (d drives) Identify(api.Drive) (api.Drive, error) { return d.Drive.Drive, nil }

func (d drives) Admin(api.Drive) (nvme.Transport, error) {
	return nil, fmt.Errorf("%s is no NVMe drive", d.Node)
}

func (d drives) IdentifyData(api.Drive) (api.Identify, error) { return api.Identify{}, nil }

func (d drives) Health(api.Drive) api.Health { return api.Health{Error: "a loop device has none"} }

func (d drives) NativeBytes(api.Drive) uint64 { return d.SizeBytes }

func (d drives) Journal(context.Context, api.DriveID, api.JournalEntry) error { return nil }

func (d drives) SampleSeed(context.Context, api.DriveID) ([]byte, error) {
	return make([]byte, proof.SeedBytes), nil
}
