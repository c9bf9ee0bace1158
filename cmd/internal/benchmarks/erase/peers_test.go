//go:build bench

package erase

import (
	"encoding/json"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/cmd/internal/benchmarks/measure"
)

// meter is a step.Reporter that takes each phase's time and processor time.
type meter struct {
	before time.Duration
	rates  map[api.Phase]measure.Rate
}

func (m *meter) Began(api.Phase, api.DriveID) { m.before = measure.CPU() }

func (m *meter) Ended(p api.Phase, _ api.DriveID, bytes uint64, took time.Duration) {
	if m.rates == nil {
		m.rates = map[api.Phase]measure.Rate{}
	}
	m.rates[p] = measure.Rate{Bytes: int64(bytes), Took: took, CPU: measure.CPU() - m.before}
}

func (m *meter) Progress(api.DriveProgress) {}

// rate is that of a phase that went over the whole drive; verification reads the
// samples besides.
func (m *meter) rate(p api.Phase, d *measure.Drive) measure.Rate {
	r := m.rates[p]
	if r.Bytes < int64(d.SizeBytes) {
		panic("the phase " + string(p) + " did not cover the drive")
	}
	return r
}

// fio moves all of the drive once, one way, as the issue says: direct, depth 32.
// The time is fio's own, without its start.
func fio(b *testing.B, d *measure.Drive, way string) measure.Rate {
	b.Helper()
	_, out := measure.Command(b, "fio", "--name=peer", "--filename="+d.Loop.Path(), "--rw="+way, "--bs=1M",
		"--ioengine=libaio", "--iodepth=32", "--direct=1", "--end_fsync=1", "--size=100%", "--output-format=json")
	type side struct {
		Bytes   int64   `json:"io_bytes"`
		Runtime float64 `json:"runtime"` // ms
	}
	var report struct {
		Jobs []struct {
			Read  side
			Write side
			User  float64 `json:"usr_cpu"` // percent of the runtime
			Sys   float64 `json:"sys_cpu"`
		}
	}
	if err := json.Unmarshal(out, &report); err != nil || len(report.Jobs) != 1 {
		b.Fatalf("fio's report: %v\n%s", err, out)
	}
	job := report.Jobs[0]
	did := job.Write
	if way == "read" {
		did = job.Read
	}
	if did.Bytes != int64(d.SizeBytes) {
		b.Fatalf("fio moved %d bytes of %d", did.Bytes, d.SizeBytes)
	}
	took := time.Duration(did.Runtime * float64(time.Millisecond))
	return measure.Rate{Bytes: did.Bytes, Took: took, CPU: time.Duration((job.User + job.Sys) / 100 * float64(took))}
}

// dd moves all of the drive once, in requests of 4 MiB.
func dd(b *testing.B, d *measure.Drive, args ...string) measure.Rate {
	b.Helper()
	r, _ := measure.Command(b, "dd", append(args, "bs=4M", "status=none")...)
	r.Bytes = int64(d.SizeBytes)
	return r
}
