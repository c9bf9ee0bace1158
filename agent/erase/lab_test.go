package erase

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/lab"
	"regain.example/agent/nvme"
)

// shop is a machine of the laboratory with one NVMe drive, and the controller's
// side of its job.
type shop struct {
	*lab.Machine
	nvme     *lab.Controller
	journals []*journal // of each namespace
	log      recorder
	admin    func(nvme.Transport) nvme.Transport // takes the place of the drive's own, if not nil
	work     []Work
}

const everything = 1<<0 | 1<<1 | 1<<2 // SANICAP: all three actions

func newShop(spec lab.NVMe) *shop {
	s := &shop{Machine: lab.New()}
	if spec.Model == "" {
		spec.Model, spec.Serial, spec.OACS, spec.FNA = "Lab drive", "L1", 1<<1, spec.FNA|1<<2
	}
	if spec.Namespaces == nil {
		spec.Namespaces = []lab.Namespace{{Bytes: 4 * mib}}
	}
	s.nvme = s.AddNVMe(spec)
	s.order(api.VerifyNISTR2)
	return s
}

// order orders all namespaces to be erased.
func (s *shop) order(verify api.Verify, methods ...api.Method) {
	s.work, s.journals = nil, nil
	for i, d := range s.Drives() {
		seed := make([]byte, 32)
		seed[0] = byte(i + 1)
		s.work = append(s.work, Work{api.DriveOrder{Drive: d.ID(), Methods: methods, Seed: seed, Verify: verify}, d})
		s.journals = append(s.journals, &journal{})
	}
}

// Journal and SampleSeed go to the journal of the drive.
func (s *shop) Journal(ctx context.Context, d api.DriveID, e api.JournalEntry) error {
	return s.journals[s.index(d)].Journal(ctx, d, e)
}

func (s *shop) SampleSeed(ctx context.Context, d api.DriveID) ([]byte, error) {
	return s.journals[s.index(d)].SampleSeed(ctx, d)
}

func (s *shop) index(d api.DriveID) int {
	return slices.IndexFunc(s.work, func(w Work) bool { return w.Order.Drive == d })
}

func (s *shop) Admin(d api.Drive) (nvme.Transport, error) {
	t, err := s.Machine.Admin(d)
	if err == nil && s.admin != nil {
		t = s.admin(t)
	}
	return t, err
}

// erase works on all namespaces at once.
func (s *shop) erase(ctx context.Context) []Result {
	began := time.Now()
	e := New(Config{Drives: s, Facts: s, Journal: s, Report: &s.log,
		Elapsed: func() time.Duration { return time.Since(began) }}, s.work)
	results := make([]Result, len(s.work))
	var wg sync.WaitGroup
	for i := range s.work {
		wg.Go(func() { results[i] = e.Drive(ctx, i) })
	}
	wg.Wait()
	return results
}

// one erases the only namespace.
func (s *shop) one(t *testing.T) api.DriveEvidence {
	t.Helper()
	return s.erase(t.Context())[0].Evidence
}

// sent lists the commands that erase, in short.
func (s *shop) sent() string {
	var out []string
	for _, c := range s.nvme.Sent() {
		switch c.Opcode {
		case nvme.OpcodeFormatNVM:
			out = append(out, fmt.Sprintf("format %d SES %d", c.NSID, c.CDW10>>9&7))
		case nvme.OpcodeSanitize:
			out = append(out, fmt.Sprintf("sanitize %d", c.CDW10&7))
		}
	}
	return strings.Join(out, ", ")
}

// altered is an admin queue whose commands of one opcode go through do.
type altered struct {
	nvme.Transport
	opcode nvme.Opcode
	do     func(pass func() error) error
}

func (a altered) Admin(c nvme.Command, data []byte) error {
	pass := func() error { return a.Transport.Admin(c, data) }
	if c.Opcode != a.opcode {
		return pass()
	}
	return a.do(pass)
}

func (s *shop) alter(opcode nvme.Opcode, do func(pass func() error) error) {
	s.admin = func(t nvme.Transport) nvme.Transport { return altered{t, opcode, do} }
}
