package erase

import (
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"regain.example/agent/api"
	"regain.example/agent/lab"
	"regain.example/agent/nvme"
)

// Purge Required is sent where the drive knows it, and given up only after a
// refusal that came before anything was done.
func TestPurgeRequired(t *testing.T) {
	const plain, purge = 0x0a, 0x80a // block erase, AUSE; PREQ is bit 11
	for name, c := range map[string]struct {
		sanicap  uint32
		refused  bool
		commands []uint32
		status   uint16 // of the log: Purged is bit 11
	}{
		"known":     {everything | 1<<5, false, []uint32{purge}, 0x901},
		"refused":   {everything | 1<<5, true, []uint32{purge, plain}, 0x101},
		"not known": {everything, false, []uint32{plain}, 0x101},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newShop(lab.NVMe{SANICAP: c.sanicap, SanitizeTime: time.Minute})
			s.nvme.RefusePurge = c.refused
			s.order(api.VerifyNISTR2, api.MethodSanitizeBlock)
			a := s.one(t).Attempts[0]
			if a.Error != "" || a.NotRun != "" || s.nvme.Former() != 0 || len(a.Commands) != len(c.commands) {
				t.Fatalf("%s: %+v", name, a)
			}
			for i, want := range c.commands {
				if a.Commands[i].Arguments != want {
					t.Errorf("%s: command %d is %#x, not %#x", name, i, a.Commands[i].Arguments, want)
				}
			}
			last := c.commands[len(c.commands)-1]
			if z := a.Sanitize; !z.Accepted || z.Arguments != last || z.LogArguments != last || z.Status != c.status || z.PurgeRequired != (last == purge) {
				t.Errorf("%s: %+v", name, z)
			}
		})
	}
}

// Negative control: an answer that leaves open what the drive did is no reason to
// send a second command.
func TestPurgeRequiredIsNotGivenUpAfterATimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(lab.NVMe{SANICAP: everything | 1<<5})
		s.order(api.VerifyNISTR2, api.MethodSanitizeBlock, api.MethodOverwrite)
		s.alter(nvme.OpcodeSanitize, func(func() error) error { return unix.ETIMEDOUT })
		if e := s.one(t); len(e.Attempts) != 1 || len(e.Attempts[0].Commands) != 1 || e.Attempts[0].Error == "" || e.Attempts[0].NotRun != "" {
			t.Errorf("%+v", e.Attempts)
		}
	})
}
