package erase

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/drive/drivetest"
	"regain.example/agent/nvme"
	"regain.example/agent/proof"
)

// bench is a machine with one drive, in memory.
type bench struct {
	drive api.Drive
	disk  *drivetest.Disk
	after *api.Drive // what Identify finds, if not drive
	log   recorder
	// celsius is its temperature; nil for a drive that does not tell.
	celsius func() *int
	journal journal
}

// oldSector is content that a person would know again, unique in each sector.
func oldSector(off int64, sector []byte) {
	text := fmt.Sprintf("old data at %016x; ", off)
	for i := 0; i < len(sector); i += len(text) {
		copy(sector[i:], text)
	}
}

func oldData(size, sector int) []byte {
	data := make([]byte, size)
	for off := 0; off < size; off += sector {
		oldSector(int64(off), data[off:off+sector])
	}
	return data
}

func newBench(size, sector int) *bench {
	return &bench{
		drive: api.Drive{
			Node: "sda", Bus: api.BusATA, Location: "pci0000:00/0000:00:1f.2/ata-port1",
			Model: "Test disk", Serial: "S1", WWN: "naa.5000000000000001",
			SizeBytes: uint64(size), LogicalSector: uint32(sector), PhysicalSector: 4096,
		},
		disk: drivetest.New(oldData(size, sector), sector),
	}
}

func (b *bench) Open(d api.Drive) (drive.Device, error) {
	now, err := b.Identify(d)
	if err != nil {
		return nil, err
	}
	if now.ID() != d.ID() {
		return nil, fmt.Errorf("open %s: %w", d.Node, drive.ErrChanged)
	}
	return b.disk, nil
}

func (b *bench) Identify(api.Drive) (api.Drive, error) {
	if b.disk.Gone() {
		return api.Drive{}, drive.ErrGone
	}
	if b.after != nil {
		return *b.after, nil
	}
	return b.drive, nil
}

func (b *bench) Admin(d api.Drive) (nvme.Transport, error) {
	return nil, fmt.Errorf("%s is no NVMe drive", d.Node)
}

func (b *bench) order(verify api.Verify, methods ...api.Method) api.DriveOrder {
	seed := make([]byte, proof.SeedBytes)
	seed[0] = 7
	return api.DriveOrder{Drive: b.drive.ID(), Methods: methods, Seed: seed, Verify: verify}
}

func (b *bench) erase(ctx context.Context, order api.DriveOrder) Result {
	began := time.Now()
	return New(b.config(func() time.Duration { return time.Since(began) }), []Work{{order, b.drive}}).Drive(ctx, 0)
}

func (b *bench) config(elapsed func() time.Duration) Config {
	return Config{Drives: b, Facts: b, Journal: &b.journal, Report: &b.log, Elapsed: elapsed}
}

func (b *bench) IdentifyData(api.Drive) (api.Identify, error) { return api.Identify{}, nil }
func (b *bench) NativeBytes(api.Drive) uint64                 { return 0 }

func (b *bench) Health(api.Drive) api.Health {
	if b.celsius == nil {
		return api.Health{Error: "health of a test disk is not read"}
	}
	return api.Health{Source: "test", Celsius: b.celsius()}
}

// journal is a controller that answers each completion with a seed.
type journal struct {
	mu    sync.Mutex
	steps []api.JournalEntry
	fail  error
	// seeds is closed to let SampleSeed answer; nil lets it do so at once.
	seeds chan struct{}
	count byte
}

func (j *journal) Journal(ctx context.Context, _ api.DriveID, step api.JournalEntry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.steps = append(j.steps, step)
	return errors.Join(ctx.Err(), j.fail)
}

func (j *journal) SampleSeed(ctx context.Context, _ api.DriveID) ([]byte, error) {
	if j.seeds != nil {
		select {
		case <-j.seeds:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.count++
	return bytes.Repeat([]byte{0x50 + j.count}, proof.SeedBytes), nil
}

// told lists the steps in short.
func (j *journal) told() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []string
	for _, s := range j.steps {
		out = append(out, fmt.Sprintf("%s %s %d", s.Method, s.Stage, s.Offset))
	}
	return strings.Join(out, ", ")
}

func (b *bench) overwrite(t *testing.T) Result {
	t.Helper()
	return b.erase(t.Context(), b.order(api.VerifyFull, api.MethodOverwrite))
}

// recorder is a Reporter that remembers.
type recorder struct {
	mu       sync.Mutex
	phases   []string
	progress []api.DriveProgress
	on       func(api.DriveProgress) // called with each progress
}

func (r *recorder) Began(p api.Phase, _ api.DriveID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.phases = append(r.phases, "began "+string(p))
}

func (r *recorder) Ended(p api.Phase, _ api.DriveID, bytes uint64, _ time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.phases = append(r.phases, fmt.Sprintf("ended %s %d", p, bytes))
}

func (r *recorder) Progress(p api.DriveProgress) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.progress = append(r.progress, p)
	if r.on != nil {
		r.on(p)
	}
}
