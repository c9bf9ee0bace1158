package erase

import (
	"bytes"
	"context"
	"encoding/binary"
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
	"regain.example/agent/nvme/nvmetest"
	"regain.example/agent/proof"
)

// bench is a machine with one drive, in memory.
type bench struct {
	drive api.Drive
	disk  *drivetest.Disk
	admin *nvmetest.Controller
	after *api.Drive // what Identify finds, if not drive
	log   recorder
	// celsius is its temperature; nil for a drive that does not tell.
	celsius func() int
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

// newNVMeBench is a bench whose drive has one namespace and advertises Format
// NVM with cryptographic erase.
func newNVMeBench(size, sector int) *bench {
	b := newBench(size, sector)
	lbads := uint32(9)
	if sector == 4096 {
		lbads = 12
	}
	b.admin = &nvmetest.Controller{OACS: 1 << 1, FNA: 1 << 2, TNVMCAP: uint64(size)}
	b.admin.Namespaces = []*nvmetest.Namespace{{
		ID: 1, Blocks: uint64(size / sector), LBAF: [16]uint32{lbads << 16},
		Erase: func(ses uint8) { b.disk.Change(func(data []byte) { firmwareErase(ses, data) }) },
	}}
	b.drive.Bus, b.drive.Node = api.BusNVMe, "nvme0n1"
	b.drive.WWN, b.drive.EUI64 = "", "0011223344556677"
	b.inventory()
	return b
}

// inventory takes what the controller advertises into the drive.
func (b *bench) inventory() {
	about, err := nvme.About(b.admin, 1)
	if err != nil {
		panic(err)
	}
	about.Controller = "nvme0"
	b.drive.NVMe = &about
}

// firmwareErase is what Format NVM does to the content: SES 1 leaves zeros, SES 2
// what the old ciphertext decrypts to with a new key.
func firmwareErase(ses uint8, data []byte) {
	switch ses {
	case 1:
		clear(data)
	case 2:
		for i := 0; i+8 <= len(data); i += 8 {
			x := binary.LittleEndian.Uint64(data[i:])
			binary.LittleEndian.PutUint64(data[i:], x^(uint64(i)+0x9e3779b97f4a7c15)*0xbf58476d1ce4e5b9)
		}
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

func (b *bench) Admin(api.Drive) (nvme.Transport, error) { return b.admin, nil }

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
	return api.Health{Source: "test", Celsius: new(b.celsius())}
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
}
