package bench_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"regain.example/imager/control"
)

// sent is a boot as the boot servers see it: all of the agent was fetched.
func (r *rig) sent(c control.BootClient) {
	for _, s := range []string{"offer", "address", "loader", "offer", "address", "script", "kernel", "initramfs", "initramfs", "offer", "address"} {
		r.c.BootSeen(control.BootSighting{Client: c, Stage: s})
		time.Sleep(time.Second)
	}
}

// TestAgentThatNeverRegisters is given three times, then the machine is held.
func TestAgentThatNeverRegisters(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		other := control.BootClient{MAC: mac1, UUID: "4c4c4544-0042-3510-8052-b4c04f4d9999"}
		for i := range 3 {
			for range 20 { // asking is no attempt
				r.boots(pc(), control.BootAgent, "waits for approval")
			}
			r.sent(pc())
			if i == 1 {
				r.c.BootSeen(control.BootSighting{Client: pc(), Stage: "kernel"}) // a boot that is cut short is none
			}
		}
		r.boots(pc(), control.BootNone, "the agent was sent 3 times")
		r.boots(control.BootClient{MAC: mac1, UUID: "44454c4c-4200-1035-8052-b4c04f4d3232"}, control.BootNone, "3 times") // the other byte order
		r.boots(other, control.BootAgent, "waits for approval")                                                           // another machine in the same dock
		r.boots(control.BootClient{MAC: "00:1b:21:00:00:09", UUID: uuid1}, control.BootAgent, "waits for approval")
		if err := r.c.BootAgain(t.Context(), "alice", mac1); err != nil {
			t.Fatal(err)
		}
		r.boots(pc(), control.BootAgent, "waits for approval")
		for range 3 {
			r.sent(pc())
		}
		r.boots(pc(), control.BootNone, "the agent was sent 3 times")
		// It is known in memory only.
		r.bootsAfterRestart(control.BootAgent, "waits for approval")
	})
	// An image that holds the agent counts the same.
	bubble(t, func(t *testing.T, r *rig) {
		for range 3 {
			r.boots(pc(), control.BootAgent, "waits for approval")
			for _, s := range []string{"offer", "address", "image", "image", "offer", "address"} {
				r.c.BootSeen(control.BootSighting{Client: pc(), Stage: s})
			}
		}
		r.boots(pc(), control.BootNone, "the agent was sent 3 times")
	})
	// One that was made to boot nothing, or the disk, does not.
	bubble(t, func(t *testing.T, r *rig) {
		for range 5 {
			for _, s := range []string{"offer", "address", "image-size", "image", "refused", "offer", "address", "image-size", "image", "local-disk"} {
				r.c.BootSeen(control.BootSighting{Client: pc(), Stage: s})
			}
		}
		for range 2 {
			r.sent(pc())
		}
		r.boots(pc(), control.BootAgent, "waits for approval")
		r.sent(pc())
		r.boots(pc(), control.BootNone, "the agent was sent 3 times")
	})
}

// TestRegistrationForgetsFailures of this machine, not of another.
func TestRegistrationForgetsFailures(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		other := control.BootClient{MAC: "00:1b:21:00:00:02", UUID: "4c4c4544-0042-3510-8052-b4c04f4d9999"}
		for range 2 {
			r.sent(pc())
			r.sent(other)
		}
		r.on(inventory(drive(0)))
		r.sent(pc())
		r.sent(other)
		r.boots(pc(), control.BootAgent, "machine 1")
		r.boots(other, control.BootNone, "the agent was sent 3 times")
	})
}

// TestKnownMachineLetBoot has it in its log.
func TestKnownMachineLetBoot(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.on(inventory(drive(0)))
		for range 3 {
			r.sent(pc())
		}
		r.boots(pc(), control.BootNone, "machine 1: the agent was sent 3 times")
		if err := r.c.BootAgain(t.Context(), "alice", mac1); err != nil {
			t.Fatal(err)
		}
		if e := r.view(1).Log[0]; e.Actor != "alice" || !strings.Contains(e.Text, "3 agents in a row that never registered") {
			t.Errorf("the log says %+v", e)
		}
		r.boots(pc(), control.BootAgent, "machine 1")
	})
}

// TestFloodOfBoots: invented addresses take no more than their room, and push out
// what is older.
func TestFloodOfBoots(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		invented := func(i int) control.BootClient {
			return control.BootClient{MAC: fmt.Sprintf("02:00:00:00:%02x:%02x", i>>8, i&0xff)}
		}
		for range 3 {
			r.sent(pc())
		}
		for i := range 1023 {
			for range 3 {
				r.c.BootSeen(control.BootSighting{Client: invented(i), Stage: "script"})
				r.c.BootSeen(control.BootSighting{Client: invented(i), Stage: "initramfs"})
			}
			time.Sleep(time.Millisecond)
		}
		r.boots(pc(), control.BootNone, "3 times")
		r.boots(invented(0), control.BootNone, "3 times")
		r.c.BootSeen(control.BootSighting{Client: invented(2000), Stage: "initramfs"})
		r.boots(pc(), control.BootAgent, "waits for approval")
		r.boots(invented(0), control.BootNone, "3 times")
	})
}
