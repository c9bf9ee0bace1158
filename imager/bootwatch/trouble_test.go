package bootwatch

import (
	"strings"
	"testing"
	"time"
)

// situation is a sequence and what is to be said of it.
type situation struct {
	name  string
	steps []step
	wait  time.Duration // after the last step
	rival bool
	want  Kind
}

const long = 5 * time.Minute

func repeat(n int, steps []step) (s []step) {
	for range n {
		s = append(s, steps...)
	}
	return s
}

func situations() []situation {
	offer := uefi()[:1]
	broken := one(Event{Stage: "broken", File: "vmlinuz", Detail: "vmlinuz after 4 MB"})
	return []situation{
		{"offers that are not taken", repeat(5, later(16*time.Second, offer[0].Event)), 0, false, NoAnswer},
		{"address, nothing after it", uefi(), time.Minute, false, SilentTFTP},
		{"address for HTTP Boot, nothing after it", firmware("UEFI HTTP Boot"), time.Minute, false, SilentHTTP},
		{"iPXE has an address, nothing after it", all(bios(), undionly(), ipxeAsks()), long, false, SilentHTTP},
		{"iPXE in a ROM has an address, nothing after it", ipxeAsks(), long, false, SilentHTTP},
		{"a transfer breaks off three times", all(uefi(), repeat(3, broken)), 0, false, Broken},
		{"a transfer breaks off, then silence", all(uefi(), shim(), grub(), script(), broken), long, false, Broken},
		{"iPXE fetched, not started", all(uefi(), ipxe()), long, false, IPXERefused},
		{"iPXE fetched three times", repeat(3, all(uefi(), ipxe())), 0, false, IPXERefused},
		{"iPXE in UEFI HTTP Boot", all(firmware("UEFI HTTP Boot"), one(Event{Stage: "loader", Chain: "ipxe", File: "snponly.efi"})), long, false, IPXERefused},
		{"shim fetched, GRUB never", all(uefi(), shim()), long, false, ThirdPartyCA},
		{"shim fetched three times", repeat(3, all(uefi(), shim())), 0, false, ThirdPartyCA},
		{"the same without questions for addresses", repeat(3, later(time.Minute, shim()[0].Event)), 0, false, ThirdPartyCA},
		{"shim, then iPXE, neither starts", all(uefi(), shim(), uefi(), ipxe()), long, false, ThirdPartyCA},
		{"shim, iPXE, shim", all(uefi(), shim(), uefi(), ipxe(), uefi(), shim()), 0, false, ThirdPartyCA},
		{"GRUB does not start, iPXE neither, and again", all(uefi(), shim(), grub(), uefi(), ipxe(), uefi(), shim()), 0, false, NoConfig},
		{"no agent, then no loader", all(uefi(), shim(), grub(), script(), kernelOf(), initramfs(), repeat(2, all(uefi(), ipxe())), uefi()), 0, false, IPXERefused},
		{"undionly fetched, not started", all(bios(), undionly()), long, false, LoaderBIOS},
		{"GRUB fetched, no script", all(uefi(), shim(), grub()), long, false, NoConfig},
		{"script, no kernel", all(uefi(), shim(), grub(), script()), long, false, NoKernel},
		{"the same by iPXE, again and again", all(bios(), undionly(), ipxeAsks(), repeat(3, later(15*time.Second, script()[0].Event))), long, false, NoKernel},
		{"kernel, no initramfs", all(uefi(), shim(), grub(), script(), kernelOf()), long, false, NoInitramfs},
		{"everything, no agent", all(uefi(), shim(), grub(), script(), kernelOf(), initramfs()), long, false, NoAgent},
		{"everything, the agent has an address", all(uefi(), shim(), grub(), script(), kernelOf(), initramfs(), agentAsks()), long, false, NoRegistration},
		{"image, no agent", all(firmware("UEFI HTTP Boot"), image()), long, false, ImageRefused},
		{"image, the agent has an address", all(firmware("UEFI HTTP Boot"), image(), agentAsks()), long, false, NoRegistration},
		{"32-bit UEFI", all(firmware("UEFI 32-bit")[:1], one(Event{Stage: "unserved", Arch: "UEFI 32-bit"})), 0, false, Arch32},
		{"32-bit UEFI that takes an address", all(firmware("UEFI 32-bit")[:1], one(Event{Stage: "unserved", Arch: "UEFI 32-bit"}), firmware("UEFI 32-bit")[1:]), 0, false, Arch32},
		{"ARM", one(Event{Stage: "unserved", Arch: "ARM UEFI"}), 0, false, ArchARM},
		{"ARM, 32 bits", one(Event{Stage: "unserved", Arch: "ARM UEFI 32-bit"}), 0, false, ArchARM},
		{"RISC-V", one(Event{Stage: "unserved", Arch: "architecture 27"}), 0, false, ArchOther},
		{"another server's address", all(offer, one(Event{Stage: "elsewhere", Detail: "192.168.1.1"})), 0, false, Elsewhere},
		{"the pool is full", one(Event{Stage: "withheld", Arch: "UEFI", Detail: "no address is free: the pool is full"}), 0, false, PoolFull},
		{"no address for another reason", repeat(3, one(Event{Stage: "withheld", Arch: "UEFI", Detail: "the disk is full"})), 0, false, NoAddress},
		{"the size of an image, no more", all(firmware("UEFI HTTP Boot"), one(Event{Stage: "image-size", Chain: "image"})), long, false, ImageRefused},
		{"the size of an image, and again", repeat(3, all(firmware("UEFI HTTP Boot"), one(Event{Stage: "image-size", Chain: "image"}))), 0, false, ImageRefused},
		{"another server answers", one(Event{Stage: "withheld", Arch: "UEFI"}), 0, true, Rival},
		{"told to boot nothing", all(bios(), undionly(), ipxeAsks(), script(), one(Event{Stage: "refused", Detail: "quarantine"})), 0, false, Refused},
		{"two machines behind one address", all(uefi(), later(time.Minute, Event{Stage: "address", By: "firmware", Arch: "UEFI", UUID: idTwo})), 0, false, SharedMAC},
		{"the same, known by their serials", all(script(), one(Event{Stage: "script", Serial: "B5R5M22"}), one(Event{Stage: "script", Serial: "B5R5M99"})), 0, false, SharedMAC},
	}
}

func TestTrouble(t *testing.T) {
	seen := map[Kind]bool{Held: true} // TestHold
	for _, s := range situations() {
		seen[s.want] = true
		t.Run(s.name, func(t *testing.T) {
			var w Watch
			now := play(&w, s.steps...).Add(s.wait)
			got := w.Trouble(now, s.rival)
			if got == nil || got.Kind != string(s.want) {
				t.Fatalf("got %+v, want %s", got, s.want)
			}
			// Further on the way there is nothing to say any more.
			play := all(uefi(), shim(), grub(), script(), kernelOf())
			for _, p := range play {
				now = now.Add(p.after)
				p.Event.At, p.Event.UUID = now, ""
				w.See(p.Event)
			}
			if got := w.Trouble(now, false); got != nil && s.want != SharedMAC {
				t.Errorf("and then it boots: %+v", got)
			}
		})
	}
	for _, k := range Kinds() {
		if !seen[k] {
			t.Errorf("no situation makes %s", k)
		}
	}
}

// TestTroubleNeedsTime: what is told after a while is not told at once.
func TestTroubleNeedsTime(t *testing.T) {
	for _, s := range situations() {
		if s.wait == 0 {
			continue
		}
		var w Watch
		now := play(&w, s.steps...)
		if got := w.Trouble(now.Add(20*time.Second), s.rival); got != nil {
			t.Errorf("%s: after 20 s it is said already: %s", s.name, got.Kind)
		}
	}
}

func TestNotYet(t *testing.T) {
	offer := uefi()[:1]
	twice := all(uefi(), shim(), uefi(), shim())
	for name, s := range map[string][]step{
		"no address, twice":                 repeat(2, one(Event{Stage: "withheld", Detail: "still looking"})),
		"two offers":                        repeat(2, later(25*time.Second, offer[0].Event)),
		"shim for the second time":          twice,
		"one transfer that breaks":          all(uefi(), one(Event{Stage: "broken"})),
		"circles, but further on":           all(twice, uefi(), shim(), grub()),
		"a broken one, and then one":        all(uefi(), repeat(2, one(Event{Stage: "broken"})), shim(), one(Event{Stage: "broken"})),
		"one UUID in two byte orders":       all(uefi(), one(Event{Stage: "address", By: "firmware", UUID: "44454c4c-4200-1035-8052-b4c04f4d3232"})),
		"a UUID that nobody set":            all(uefi(), one(Event{Stage: "address", By: "firmware", UUID: "03000200-0400-0500-0006-000700080009"})),
		"the ROM's UUID, and the machine's": all(uefi(), ipxe(), one(Event{Stage: "address", By: "ipxe", UUID: idTwo}), one(Event{Stage: "script", UUID: idTwo}), uefi()),
		"a dock that moves later":           all(uefi(), later(time.Hour, Event{Stage: "address", By: "firmware", UUID: idTwo})),
	} {
		var w Watch
		now := play(&w, s...)
		if got := w.Trouble(now.Add(10*time.Second), false); got != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestDetailIsTold(t *testing.T) {
	var w Watch
	now := play(&w, one(Event{Stage: "withheld", Detail: "no address is free: the pool is full"})...)
	if got := w.Trouble(now, false); !strings.Contains(got.Cause, "(no address is free: the pool is full).") {
		t.Errorf("the cause is %q", got.Cause)
	}
	w = Watch{}
	now = play(&w, one(Event{Stage: "unserved", Arch: "architecture 27"})...)
	if got := w.Trouble(now, false); !strings.Contains(got.Cause, "architecture 27") {
		t.Errorf("the cause is %q", got.Cause)
	}
}

func TestHold(t *testing.T) {
	var w Watch
	once := all(uefi(), shim(), grub(), script(), kernelOf(), initramfs())
	play(&w, all(once, once, once, uefi(), one(Event{Stage: "refused", Detail: "three boots failed"}))...)
	got := w.Hold()
	if got.Kind != string(Held) || !strings.Contains(got.Cause, NoAgent.words().cause) || !strings.Contains(got.Advice, "512 MiB") {
		t.Errorf("got %+v", got)
	}
	if w.Tries() != 3 {
		t.Errorf("%d tries, want 3", w.Tries())
	}
	// Being refused is no failure of its own, nor a try.
	play(&w, all(later(time.Minute, uefi()[0].Event))...)
	if got := w.Hold(); !strings.Contains(got.Cause, NoAgent.words().cause) || w.Tries() != 4 {
		t.Errorf("after it was refused: %+v, %d tries", got, w.Tries())
	}
	var fresh Watch
	if got := fresh.Hold(); got.Kind != string(Held) || strings.Contains(got.Cause, "last time") {
		t.Errorf("with nothing known: %+v", got)
	}
}

// TestWords: every kind has both, as sentences.
func TestWords(t *testing.T) {
	for _, k := range Kinds() {
		w := k.words()
		for _, s := range []string{w.cause, w.advice} {
			if !strings.HasSuffix(s, ".") || strings.Contains(s, "  ") {
				t.Errorf("%s: %q is no sentence", k, s)
			}
		}
	}
	if got := Kind("x").words(); got != (words{}) {
		t.Errorf("an unknown kind says %+v", got)
	}
	for _, s := range Stages() {
		if Words(s) == s {
			t.Errorf("stage %s has no words", s)
		}
	}
}
