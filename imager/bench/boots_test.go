package bench_test

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"regain.example/imager"
	"regain.example/imager/bootwatch"
	"regain.example/imager/control"
)

// does has a machine be seen at stages, a second apart. "firmware" stands for its
// question for an address.
func (r *rig) does(c control.BootClient, stages ...string) {
	for _, s := range stages {
		time.Sleep(time.Second)
		e := control.BootSighting{Client: c, Stage: s, Chain: "shim", File: "grubx64.efi"}
		if s == "firmware" {
			e = control.BootSighting{Client: c, Stage: "address", By: "firmware"}
		}
		r.c.BootSeen(e)
	}
}

func (r *rig) onTheWay(ctx context.Context) []imager.Boot {
	r.t.Helper()
	b, err := r.c.Boots(ctx)
	if err != nil {
		r.t.Fatal(err)
	}
	return b.Clients
}

func kind(t *imager.BootTrouble) bootwatch.Kind {
	if t == nil {
		return ""
	}
	return bootwatch.Kind(t.Kind)
}

func uefiPC() control.BootClient {
	c := pc()
	c.Arch, c.Addr = "UEFI", netip.MustParseAddr("10.77.0.100")
	return c
}

// TestBootIsFollowed goes from power-on to the agent, and to the next boot.
func TestBootIsFollowed(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		ctx := t.Context()
		if b, err := r.c.Boots(ctx); err != nil || b.Clients == nil || len(b.Clients) != 0 {
			t.Fatalf("before anything: %+v, %v", b, err)
		}
		r.does(uefiPC(), "firmware", "loader", "script")
		b := r.onTheWay(ctx)
		if len(b) != 1 || b[0].Stage != "script" || b[0].Machine != 0 || b[0].Tries != 1 || b[0].Trouble != nil || b[0].Addr != uefiPC().Addr || b[0].Arch != "UEFI" {
			t.Fatalf("on its way: %+v", b)
		}
		if began := b[0].At.Sub(b[0].Began); began != 2*time.Second {
			t.Errorf("it began %s before", began)
		}
		time.Sleep(5 * time.Minute) // no event says that it stands still
		if b = r.onTheWay(ctx); kind(b[0].Trouble) != bootwatch.NoKernel {
			t.Errorf("after five minutes: %+v", b[0].Trouble)
		}
		r.does(uefiPC(), "kernel", "initramfs")
		r.on(inventory(drive(0)))
		if b = r.onTheWay(ctx); len(b) != 0 {
			t.Errorf("at its agent: %+v", b)
		}
		if v := r.view(1); v.Trouble != nil || v.Boot == "" {
			t.Errorf("at its agent: trouble %+v, boot %q", v.Trouble, v.Boot)
		}

		time.Sleep(time.Hour)
		r.does(uefiPC(), "firmware", "loader", "script", "kernel", "initramfs")
		time.Sleep(5 * time.Minute)
		if b = r.onTheWay(ctx); len(b) != 1 || b[0].Machine != 1 || kind(b[0].Trouble) != bootwatch.NoAgent {
			t.Errorf("known, and its agent does not come: %+v", b)
		}
		if v := r.view(1); kind(v.Trouble) != bootwatch.NoAgent {
			t.Errorf("its card says %+v", v.Trouble)
		}
		all, err := r.c.Machines(ctx)
		if err != nil || kind(all[0].Trouble) != bootwatch.NoAgent {
			t.Errorf("the list says %+v, %v", all[0].Trouble, err)
		}
		time.Sleep(2 * time.Hour)
		if b = r.onTheWay(ctx); len(b) != 0 {
			t.Errorf("hours later: %+v", b)
		}
	})
}

// TestThirdFailureIsHeld until an operator says again.
func TestThirdFailureIsHeld(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		ctx := t.Context()
		whole := []string{"firmware", "loader", "script", "kernel", "initramfs"}
		for range 3 {
			r.does(uefiPC(), whole...)
			time.Sleep(4 * time.Minute)
			if b := r.onTheWay(ctx); b[0].Held || kind(b[0].Trouble) != bootwatch.NoAgent {
				t.Fatalf("after %d boots: %+v", b[0].Tries, b[0])
			}
		}
		r.does(uefiPC(), "firmware", "loader", "script", "refused")
		b := r.onTheWay(ctx)
		if !b[0].Held || b[0].Tries != 3 || kind(b[0].Trouble) != bootwatch.Held {
			t.Fatalf("after the third: %+v", b[0])
		}
		time.Sleep(5 * time.Hour)
		if b = r.onTheWay(ctx); len(b) != 1 || !b[0].Held {
			t.Errorf("who is held is shown until somebody says: %+v", b)
		}
		if err := r.c.BootAgain(ctx, "alice", mac1); err != nil {
			t.Fatal(err)
		}
		for _, m := range r.onTheWay(ctx) {
			if m.Held {
				t.Errorf("after the word: %+v", m)
			}
		}
		r.does(uefiPC(), whole...)
		r.on(inventory(drive(0)))
		if b = r.onTheWay(ctx); len(b) != 0 {
			t.Errorf("at its agent: %+v", b)
		}
	})
}

// TestBootsInVainAreHeld: the agent came each time, and the job went no further.
func TestBootsInVainAreHeld(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.on(inventory(drive(0)))
		r.approve(1, "erase")
		for range 3 {
			time.Sleep(time.Minute)
			r.does(uefiPC(), "firmware", "loader", "script", "kernel", "initramfs")
			r.on(inventory(drive(0)))
		}
		time.Sleep(time.Minute)
		r.does(uefiPC(), "firmware", "loader", "script", "refused")
		b := r.onTheWay(t.Context())
		if len(b) != 1 || !b[0].Held || b[0].Machine != 1 || kind(b[0].Trouble) != bootwatch.Held {
			t.Fatalf("it is %+v", b)
		}
		if v := r.view(1); kind(v.Trouble) != bootwatch.Held {
			t.Errorf("its card says %+v", v.Trouble)
		}
	})
}

// TestFinishedMachineIsNoTrouble: it was sent to its own disk.
func TestFinishedMachineIsNoTrouble(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.on(inventory(drive(0)))
		time.Sleep(time.Minute)
		r.does(uefiPC(), "firmware", "loader", "script", "local-disk")
		time.Sleep(5 * time.Minute)
		if b := r.onTheWay(t.Context()); len(b) != 1 || b[0].Trouble != nil {
			t.Errorf("it is %+v", b)
		}
		time.Sleep(10 * time.Minute)
		if b := r.onTheWay(t.Context()); len(b) != 0 {
			t.Errorf("and still %+v", b)
		}
	})
}

// TestRivals are shown, are why no address is offered, and wake who watches.
func TestRivals(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		watch := r.c.Watch(t.Context())
		other := netip.MustParseAddr("10.77.0.254")
		r.c.BootRivals([]netip.Addr{other})
		if got := <-watch; got != 0 {
			t.Errorf("told of %d", got)
		}
		r.c.BootRivals([]netip.Addr{other}) // the next look says the same
		select {
		case <-watch:
			t.Error("the same servers wake who watches")
		default:
		}
		r.does(uefiPC(), "withheld")
		b, err := r.c.Boots(t.Context())
		if err != nil || len(b.Rivals) != 1 || b.Rivals[0] != other || kind(b.Clients[0].Trouble) != bootwatch.Rival {
			t.Errorf("with another server: %+v, %v", b, err)
		}
		r.c.BootRivals(nil)
		if b, err = r.c.Boots(t.Context()); err != nil || len(b.Rivals) != 0 {
			t.Errorf("without: %+v, %v", b, err)
		}
	})
}
