package bootwatch

import (
	"slices"
	"testing"
	"time"
)

// step is an event some time after the one before.
type step struct {
	after time.Duration
	Event
}

const (
	idOne = "4c4c4544-0042-3510-8052-b4c04f4d3232"
	idTwo = "4c4c4544-0042-3510-8052-b4c04f4d9999"
)

func start() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) }

// play has a machine do all steps, and returns the time of the last.
func play(w *Watch, steps ...step) time.Time {
	now := w.At
	if now.IsZero() {
		now = start()
	}
	for _, s := range steps {
		now = now.Add(s.after)
		s.Event.At = now
		w.See(s.Event)
	}
	return now
}

func all(parts ...[]step) []step { return slices.Concat(parts...) }

// firmware asks for an address as firmware of this architecture does.
func firmware(arch string) []step {
	return []step{
		{5 * time.Second, Event{Stage: "offer", By: "firmware", Arch: arch, UUID: idOne}},
		{time.Second, Event{Stage: "address", By: "firmware", Arch: arch, UUID: idOne}},
	}
}

func uefi() []step { return firmware("UEFI") }
func bios() []step { return firmware("BIOS") }

func one(e Event) []step { return []step{{time.Second, e}} }

func later(d time.Duration, e Event) []step { return []step{{d, e}} }

func shim() []step {
	return one(Event{Stage: "loader", Chain: "shim", File: "shimx64.efi", Arch: "UEFI"})
}
func grub() []step {
	return one(Event{Stage: "loader", Chain: "shim", File: "//grubx64.efi", Arch: "UEFI"})
}
func ipxe() []step {
	return one(Event{Stage: "loader", Chain: "ipxe", File: "snponly.efi", Arch: "UEFI"})
}
func undionly() []step {
	return one(Event{Stage: "loader", Chain: "ipxe", File: "/undionly.kpxe", Arch: "BIOS"})
}

// ipxeAsks is iPXE's own question for an address.
func ipxeAsks() []step {
	return []step{{3 * time.Second, Event{Stage: "offer", By: "ipxe"}}, {time.Second, Event{Stage: "address", By: "ipxe"}}}
}

func script() []step    { return one(Event{Stage: "script"}) }
func kernelOf() []step  { return one(Event{Stage: "kernel", File: "vmlinuz"}) }
func initramfs() []step { return one(Event{Stage: "initramfs", File: "initramfs"}) }
func image() []step {
	return one(Event{Stage: "image", Chain: "image", File: "agent.img", Arch: "UEFI HTTP Boot"})
}

// agentAsks is the agent's question for an address.
func agentAsks() []step {
	return []step{{20 * time.Second, Event{Stage: "offer", By: "system"}}, {time.Second, Event{Stage: "address", By: "system"}}}
}

// good are the ways of machines that boot well, as far as the agent's address.
func good() map[string][]step {
	rest := all(script(), kernelOf(), initramfs(), agentAsks())
	return map[string][]step{
		"BIOS":           all(bios(), undionly(), ipxeAsks(), rest),
		"iPXE in a ROM":  all(ipxeAsks(), rest),
		"UEFI, shim":     all(uefi(), shim(), grub(), rest),
		"UEFI, iPXE":     all(uefi(), ipxe(), ipxeAsks(), rest),
		"UEFI HTTP Boot": all(firmware("UEFI HTTP Boot"), one(Event{Stage: "image-size", Chain: "image"}), image(), agentAsks()),
	}
}

// TestGoodBootsHaveNoTrouble: nothing is said at any moment of a boot that goes
// as it should, nor of the next one after it.
func TestGoodBootsHaveNoTrouble(t *testing.T) {
	for name, way := range good() {
		t.Run(name, func(t *testing.T) {
			var w Watch
			now := start()
			for boot := range 4 {
				for i, s := range way {
					now = now.Add(s.after)
					s.Event.At = now
					w.See(s.Event)
					for _, wait := range []time.Duration{0, 15 * time.Second} {
						if got := w.Trouble(now.Add(wait), false); got != nil {
							t.Fatalf("boot %d, after step %d and %s: %+v", boot, i, wait, got)
						}
					}
				}
				if w.Tries() != 1 || w.Arrived {
					t.Errorf("boot %d: %d tries, arrived %v", boot, w.Tries(), w.Arrived)
				}
				w.Reached()
				if got := w.Trouble(now.Add(time.Hour), false); got != nil || !w.Arrived || w.Tries() != 0 {
					t.Errorf("at its agent: %+v, %d tries", got, w.Tries())
				}
				now = now.Add(time.Minute)
			}
		})
	}
}

// TestSystemsAreNoBoots: who runs from its own disk and asks for an address is not
// on its way to the agent.
func TestSystemsAreNoBoots(t *testing.T) {
	var w Watch
	if w.See(Event{At: start(), Stage: "address", By: "system"}) || !w.Began.IsZero() {
		t.Error("a system's address is the begin of a boot")
	}
	now := play(&w, all(bios(), undionly(), ipxeAsks(), script(), kernelOf(), initramfs())...)
	w.Reached()
	if w.See(Event{At: now.Add(time.Minute), Stage: "address", By: "system"}) {
		t.Error("a renewal of the agent that has registered is a boot")
	}
	w = Watch{}
	now = play(&w, all(bios(), undionly(), ipxeAsks(), script(), kernelOf(), initramfs())...)
	if w.See(Event{At: now.Add(time.Hour), Stage: "address", By: "system"}) {
		t.Error("a system that asks an hour after the initramfs is its agent")
	}
}

// TestAfterTheAgent: whatever a machine does after its agent has registered is
// another boot, if only a part of it is seen.
func TestAfterTheAgent(t *testing.T) {
	for name, next := range map[string][]step{"an address": uefi()[1:], "iPXE": ipxeAsks(), "a loader": shim(), "a script": script(), "nothing": one(Event{Stage: "refused"})} {
		var w Watch
		play(&w, all(bios(), undionly(), ipxeAsks(), script(), kernelOf(), initramfs(), agentAsks())...)
		w.Reached()
		now := play(&w, next...)
		if want := now.Add(next[0].after - sum(next)); w.Arrived || !w.Began.Equal(want) || w.Tries() < 0 {
			t.Errorf("%s: arrived %v, began %s, want %s, %d tries", name, w.Arrived, w.Began, want, w.Tries())
		}
	}
}

func sum(steps []step) (d time.Duration) {
	for _, s := range steps {
		d += s.after
	}
	return d
}

func TestTries(t *testing.T) {
	var w Watch
	once := all(uefi(), shim())
	play(&w, all(once, once, once)...)
	if w.Tries() != 3 {
		t.Errorf("%d tries, want 3", w.Tries())
	}
	// Firmware repeats its question; that is no other boot.
	w = Watch{}
	play(&w, all(uefi()[:1], uefi()[:1], uefi())...)
	if w.Tries() != 1 {
		t.Errorf("%d tries after repeated questions, want 1", w.Tries())
	}
	play(&w, later(time.Hour, uefi()[0].Event)...)
	if w.Tries() != 2 {
		t.Errorf("%d tries after an hour, want 2", w.Tries())
	}
	// A loader that could not fetch what followed asks for its script again.
	w = Watch{}
	play(&w, all(bios(), undionly(), ipxeAsks(), script(), later(15*time.Second, script()[0].Event), kernelOf(), later(15*time.Second, script()[0].Event))...)
	if w.Tries() != 1 {
		t.Errorf("%d tries after repeated scripts, want 1", w.Tries())
	}
	// Its own disk is where it should go.
	w = Watch{}
	disk := all(uefi(), shim(), grub(), script(), one(Event{Stage: "local-disk"}))
	now := play(&w, all(disk, disk, disk, uefi())...)
	if w.Tries() != 1 || w.Trouble(now, false) != nil {
		t.Errorf("%d tries after its own disk, %+v", w.Tries(), w.Trouble(now, false))
	}
}
