package imagertest

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"regain.example/imager"
	"regain.example/imager/bootwatch"
)

// SetBoots sets what is on its way to the agent, also in the views of machines,
// and tells the watchers.
func (o *Operator) SetBoots(b imager.Boots) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.boots = b
	for n, v := range o.views {
		v.Trouble = nil
		if i := slices.IndexFunc(b.Clients, func(b imager.Boot) bool { return b.Machine == n }); i >= 0 && !v.Online {
			v.Trouble = b.Clients[i].Trouble
		}
		o.views[n] = v
	}
	o.tell(0)
}

// Boots implements imager.Operator.
func (o *Operator) Boots(context.Context) (imager.Boots, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	b := o.boots
	b.Clients = append([]imager.Boot{}, b.Clients...)
	return b, o.fail
}

// BootAgain implements imager.Operator.
func (o *Operator) BootAgain(_ context.Context, actor, mac string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fail != nil {
		return o.fail
	}
	i := slices.IndexFunc(o.boots.Clients, func(b imager.Boot) bool { return b.MAC == mac })
	switch {
	case i < 0:
		return fmt.Errorf("let %q boot again: %w", mac, imager.ErrNotFound)
	case !o.boots.Clients[i].Held:
		return fmt.Errorf("let %s boot again: %w: nothing holds it", mac, imager.ErrConflict)
	}
	o.boots.Clients = slices.Clone(o.boots.Clients)
	o.boots.Clients[i].Held, o.boots.Clients[i].Trouble, o.boots.Clients[i].Tries = false, nil, 0
	o.tell(0)
	return nil
}

// OnTheWay are machines in the states that people meet before an agent speaks,
// beside another DHCP server. The last one is machine 10 of Bench.
func OnTheWay() imager.Boots {
	pxe := func(stage string) bootwatch.Event {
		return bootwatch.Event{Stage: stage, By: "firmware", Arch: "UEFI"}
	}
	shim := bootwatch.Event{Stage: "loader", Chain: "shim", File: "shimx64.efi"}
	grub := bootwatch.Event{Stage: "loader", Chain: "shim", File: "grubx64.efi"}
	whole := []bootwatch.Event{
		pxe("offer"), pxe("address"), shim, grub, {Stage: "script"}, {Stage: "kernel", File: "vmlinuz"}, {Stage: "initramfs", File: "initramfs"},
	}
	b := imager.Boots{Rivals: []netip.Addr{netip.MustParseAddr("10.77.0.254")}}
	b.Clients = []imager.Boot{
		booting(0, "8c:16:45:00:00:01", "LENOVO 20L6S0TD00 PF0ABCDE", 3*time.Second, whole[:6]),
		booting(0, "8c:16:45:00:00:02", "", time.Minute+5*time.Second, []bootwatch.Event{pxe("offer"), pxe("address"), shim}),
		booting(0, "00:1e:06:00:00:03", "", 20*time.Second, []bootwatch.Event{
			{Stage: "offer", By: "firmware", Arch: "UEFI 32-bit"}, {Stage: "unserved", By: "firmware", Arch: "UEFI 32-bit"}}),
		booting(0, "18:66:da:00:00:04", "Dell Inc. OptiPlex 7050 B5R5M22", 4*time.Minute, slices.Concat(whole, whole, whole,
			[]bootwatch.Event{pxe("offer"), pxe("address"), shim, grub, {Stage: "script"}, {Stage: "refused", Detail: "three boots failed"}})),
		booting(10, "a4:bb:6d:12:34:56", "Dell Inc. Latitude 5490 HTTXYZ2", 6*time.Minute, whole),
	}
	b.Clients[3].Held = true
	return b
}

// booting plays events a second apart, the last of them ago before At.
func booting(machine int, mac, name string, ago time.Duration, events []bootwatch.Event) imager.Boot {
	var w bootwatch.Watch
	for i, e := range events {
		e.At = At().Add(-ago - time.Duration(len(events)-1-i)*time.Second)
		w.See(e)
	}
	b := imager.Boot{
		MAC: mac, Name: name, Machine: machine, Addr: netip.MustParseAddr("10.77.0.100"), Arch: w.Arch, Chain: w.Chain,
		Stage: w.Stage, At: w.At, Began: w.Began, Tries: w.Tries(), Trouble: w.Trouble(At(), false),
	}
	if w.Stage == "refused" {
		b.Trouble = w.Hold()
	}
	return b
}
