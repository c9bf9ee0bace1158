package erase

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"golang.org/x/sys/unix"

	"regain.example/agent/api"
	"regain.example/agent/lab"
	"regain.example/agent/nvme"
)

var firmwareMethods = []api.Method{
	api.MethodSanitizeBlock, api.MethodSanitizeCrypto, api.MethodSanitizeOverwrite, api.MethodFormatCrypto, api.MethodFormat,
}

func TestFirmwareErasures(t *testing.T) { synctest.Test(t, firmwareErasures) }

func firmwareErasures(t *testing.T) {
	for _, method := range firmwareMethods {
		for _, sector := range []int{512, 4096} {
			s := newShop(lab.NVMe{SANICAP: everything, SanitizeReadings: 3, Namespaces: []lab.Namespace{{Bytes: 4*mib + 4096, Sector: sector}}})
			s.order(api.VerifyFull, method)
			e := s.one(t)
			a := e.Attempts[0]
			if e.Stopped != "" || e.State != "" || a.Error != "" || a.NotRun != "" || len(e.Attempts) != 1 {
				t.Fatalf("%s: %+v", method, e)
			}
			if m := a.Markers; m.Blocks != 64 || m.BlockBytes != 16<<10 || m.Laid != 64 || !m.Flushed || m.Read != 64 || !m.FUA || m.Carried ||
				m.StillThere+m.Former+m.FormerSkip+m.SamplesHit+m.ReadErrors != 0 || m.Samples < 100 {
				t.Errorf("%s: %+v", method, *m)
			}
			crypto := method == api.MethodSanitizeCrypto || method == api.MethodFormatCrypto
			p := a.Sampling
			if p.Blocks != api.R2Samples || p.Read != p.Blocks || p.Other+p.Pattern+p.ReadErrors != 0 || !p.FUA ||
				(p.Random == p.Blocks) != crypto || (p.Uniform == p.Blocks) == crypto || p.Bytes == 0 || len(p.SeedSHA256) != 64 {
				t.Errorf("%s: %+v", method, *p)
			}
			if r := a.ReadBack; r.BytesRead != 4*mib+4096 || r.Mismatches != 0 {
				t.Errorf("%s: %+v", method, *r)
			}
			if e.IdentifyBefore == nil || e.IdentifyAfter == nil || e.HealthBefore.Celsius == nil || e.HealthAfter == nil || e.NativeBytes == 0 || e.After == nil {
				t.Errorf("%s: %+v", method, e)
			}
			if len(a.Commands) != 1 || a.Commands[0].Status != 0 || s.nvme.Former() != 0 {
				t.Errorf("%s: %+v, %d former sectors", method, a.Commands, s.nvme.Former())
			}
			want := string(method) + " begun 0, " + string(method) + " completed 0"
			if strings.Contains(string(method), "sanitize") {
				want = strings.Replace(want, ", ", ", "+string(method)+" accepted 0, ", 1)
			}
			if got := s.journals[0].told(); got != want {
				t.Errorf("told %q, want %q", got, want)
			}
		}
	}
}

func TestSanitizeIsSeen(t *testing.T) { synctest.Test(t, sanitizeIsSeen) }

func sanitizeIsSeen(t *testing.T) {
	s := newShop(lab.NVMe{SANICAP: everything, SanitizeReadings: 3})
	s.order(api.VerifyNISTR2, api.MethodSanitizeBlock)
	got := s.one(t).Attempts[0].Sanitize
	if got == nil || !got.Accepted || !got.Read || got.SeenRunning != 2 || got.Status != 0x101 || got.Recovered ||
		got.Arguments != 0x0a || got.LogArguments != 0x0a {
		t.Errorf("%+v", got)
	}
	progress := false
	for _, p := range s.log.progress {
		progress = progress || p.Phase == api.PhaseErase && p.Method == api.MethodSanitizeBlock && p.Total == 4*mib && p.Done > mib
	}
	if !progress {
		t.Errorf("no progress was shown: %+v", s.log.progress)
	}
}

// What is known not to have run is followed by the next method; nothing of it
// was sent.
func TestWhatDoesNotRun(t *testing.T) {
	for name, c := range map[string]struct {
		method api.Method
		make   func(*lab.NVMe)
		change func(*shop)
		sent   string
	}{
		"sanitize not advertised": {method: api.MethodSanitizeCrypto, make: func(n *lab.NVMe) { n.SANICAP = 1 << 1 }},
		"format not advertised":   {method: api.MethodFormat, make: func(n *lab.NVMe) { n.OACS = 0 }},
		"crypto not advertised":   {method: api.MethodFormatCrypto, make: func(n *lab.NVMe) { n.FNA = 0 }},
		"a rule against it": {method: api.MethodSanitizeBlock, make: func(n *lab.NVMe) {
			n.Model = "INTEL SSDPEKNW512G8"
		}},
		"advertises something else than before": {method: api.MethodFormat, change: func(s *shop) { s.work[0].Drive.NVMe.FNA = 7 }},
		"no sanitize status": {method: api.MethodSanitizeBlock, change: func(s *shop) {
			s.nvme.Refuse = map[nvme.Opcode]nvme.Status{nvme.OpcodeGetLogPage: nvme.StatusInvalidField}
		}},
		"not an NVMe drive":           {method: api.MethodSanitizeBlock, change: func(s *shop) { s.work[0].Drive.NVMe = nil }},
		"format of no NVMe drive":     {method: api.MethodFormat, change: func(s *shop) { s.work[0].Drive.NVMe = nil }},
		"addresses wrap":              {method: api.MethodSanitizeBlock, change: func(s *shop) { s.nvme.Lies.WrapAt = mib }},
		"refuses the sanitize":        {method: api.MethodSanitizeBlock, sent: "sanitize 2", change: refusing(nvme.OpcodeSanitize)},
		"refuses the format":          {method: api.MethodFormat, sent: "format 1 SES 1", change: refusing(nvme.OpcodeFormatNVM)},
		"the admin queue is not open": {method: api.MethodFormat, change: func(s *shop) { s.admin = closed }},
	} {
		t.Run(name, func(t *testing.T) {
			spec := lab.NVMe{Model: "Lab drive", Serial: "L1", OACS: 1 << 1, FNA: 1 << 2, SANICAP: everything,
				Namespaces: []lab.Namespace{{Bytes: 2 * mib}}}
			if c.make != nil {
				c.make(&spec)
			}
			s := newShop(spec)
			s.order(api.VerifyNISTR2, c.method, api.MethodOverwrite)
			if c.change != nil {
				c.change(s)
			}
			e := s.one(t)
			if len(e.Attempts) != 2 || e.Attempts[0].NotRun == "" || e.Attempts[0].Error != "" || e.Attempts[1].Method != api.MethodOverwrite {
				t.Fatalf("%+v", e.Attempts)
			}
			if got := s.sent(); got != c.sent {
				t.Errorf("sent %q, want %q", got, c.sent)
			}
		})
	}
}

func refusing(op nvme.Opcode) func(*shop) {
	return func(s *shop) { s.nvme.Refuse = map[nvme.Opcode]nvme.Status{op: nvme.StatusInvalidField} }
}

func closed(t nvme.Transport) nvme.Transport {
	return altered{t, nvme.OpcodeIdentify, func(func() error) error { return unix.EACCES }}
}

// Whatever else a command ends with, it may have run: nothing follows it.
func TestUnknownEndIsFollowedByNothing(t *testing.T) {
	for _, c := range []struct {
		method api.Method
		opcode nvme.Opcode
	}{{api.MethodFormat, nvme.OpcodeFormatNVM}, {api.MethodSanitizeBlock, nvme.OpcodeSanitize}} {
		for _, end := range []error{
			unix.EINTR, unix.ETIMEDOUT, unix.EIO, unix.ENODEV, errors.New("host aborted"),
			&nvme.StatusError{Opcode: c.opcode, Status: nvme.StatusInternalError},
			&nvme.StatusError{Opcode: c.opcode, Status: nvme.StatusAborted},
			&nvme.StatusError{Opcode: c.opcode, Status: nvme.StatusFormatInProgress},
			&nvme.StatusError{Opcode: c.opcode, Status: nvme.StatusSanitizeInProgress},
			&nvme.StatusError{Opcode: c.opcode, Status: 0x7ff},
		} {
			s := newShop(lab.NVMe{SANICAP: everything})
			s.order(api.VerifyNISTR2, c.method, api.MethodOverwrite)
			s.alter(c.opcode, func(func() error) error { return end })
			e := s.one(t)
			if a := e.Attempts[0]; len(e.Attempts) != 1 || a.NotRun != "" || a.Error == "" || a.Sampling != nil || e.State == "" {
				t.Errorf("%s, %v: %+v", c.method, end, e)
			}
			if strings.Contains(s.journals[0].told(), "completed") {
				t.Errorf("%s, %v: told %q", c.method, end, s.journals[0].told())
			}
		}
	}
}

// Nothing destructive is sent before the controller has the step on its disk.
func TestNothingIsSentBeforeTheJournal(t *testing.T) {
	for _, method := range firmwareMethods {
		s := newShop(lab.NVMe{SANICAP: everything})
		s.order(api.VerifyNISTR2, method, api.MethodOverwrite)
		s.journals[0].fail = errors.New("the link is gone")
		e := s.one(t)
		if len(e.Attempts) != 1 || e.Attempts[0].Error == "" || s.sent() != "" || e.State != stateMarked {
			t.Errorf("%s: %+v, sent %q", method, e, s.sent())
		}
	}
}

// The seed is asked for when the completion was told, and without it there is no
// sampling.
func TestStoppedWhileWaitingForTheSeed(t *testing.T) {
	for _, method := range append(firmwareMethods, api.MethodOverwrite) {
		s := newShop(lab.NVMe{SANICAP: everything})
		s.order(api.VerifyNISTR2, method)
		s.journals[0].seeds = make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		s.log.on = func(p api.DriveProgress) {
			if p.Pause == api.PauseSeed {
				cancel()
			}
		}
		e := s.erase(ctx)[0].Evidence
		if e.Stopped != "cancelled" || e.State == "" || e.Attempts[0].Sampling != nil || e.Attempts[0].Error == "" ||
			!strings.HasSuffix(s.journals[0].told(), " 0") && method != api.MethodOverwrite {
			t.Errorf("%s: %+v", method, e)
		}
	}
}

func TestUnchanged(t *testing.T) {
	for name, lie := range map[string]lab.Lies{
		"another size": {OtherSize: true}, "another format": {OtherFormat: true},
	} {
		for _, method := range firmwareMethods {
			s := newShop(lab.NVMe{SANICAP: everything})
			s.nvme.Lies = lie
			s.order(api.VerifyNISTR2, method, api.MethodOverwrite)
			e := s.one(t)
			if len(e.Attempts) != 1 || !strings.Contains(e.Attempts[0].Error, "changed") {
				t.Errorf("%s, %s: %+v", method, name, e.Attempts)
			}
		}
	}
}

func TestFollow(t *testing.T) {
	for name, c := range map[string]struct {
		methods []api.Method
		change  func(*shop)
		want    []api.Method
	}{
		"after a key was changed": {methods: []api.Method{api.MethodSanitizeCrypto, api.MethodFormat},
			want: []api.Method{api.MethodSanitizeCrypto, api.MethodOverwrite}},
		"after format": {methods: []api.Method{api.MethodFormatCrypto},
			want: []api.Method{api.MethodFormatCrypto, api.MethodOverwrite}},
		"not after a block erase": {methods: []api.Method{api.MethodSanitizeBlock},
			want: []api.Method{api.MethodSanitizeBlock}},
		"waived": {methods: []api.Method{api.MethodSanitizeCrypto},
			change: func(s *shop) { s.work[0].Order.Follow = "" },
			want:   []api.Method{api.MethodSanitizeCrypto}},
		"not after an unknown end": {methods: []api.Method{api.MethodFormatCrypto},
			change: func(s *shop) { s.alter(nvme.OpcodeFormatNVM, func(func() error) error { return unix.EIO }) },
			want:   []api.Method{api.MethodFormatCrypto}},
		"not after what did not run": {methods: []api.Method{api.MethodFormatCrypto}, change: refusing(nvme.OpcodeFormatNVM),
			want: []api.Method{api.MethodFormatCrypto}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(lab.NVMe{SANICAP: everything})
			s.order(api.VerifyNISTR2, c.methods...)
			s.work[0].Order.Follow = api.MethodOverwrite
			if c.change != nil {
				c.change(s)
			}
			e := s.one(t)
			var got []api.Method
			for _, a := range e.Attempts {
				got = append(got, a.Method)
			}
			if len(got) != len(c.want) || got[0] != c.want[0] || got[len(got)-1] != c.want[len(c.want)-1] {
				t.Fatalf("tried %v, want %v", got, c.want)
			}
			if last := e.Attempts[len(got)-1]; len(got) == 2 && (last.Sampling.Pattern != last.Sampling.Blocks ||
				last.Sampling.SeedSHA256 == e.Attempts[0].Sampling.SeedSHA256) {
				t.Errorf("%+v", last.Sampling)
			}
		})
	}
}

// A blank drive proves by its markers and samples only.
func TestBlankDrive(t *testing.T) {
	s := newShop(lab.NVMe{SANICAP: everything})
	s.order(api.VerifyNISTR2, api.MethodFormat)
	s.one(t)
	s.order(api.VerifyNISTR2, api.MethodFormat)
	m := s.one(t).Attempts[0].Markers
	if m.FormerSkip != 64 || m.Samples != 0 || m.Former != 0 || m.SamplesHit != 0 || m.Laid != 64 {
		t.Errorf("%+v", *m)
	}
}
