package chain

import (
	"testing"

	"regain.example/boot"
)

func TestNext(t *testing.T) {
	const shim, ipxe, image = boot.ChainShim, boot.ChainIPXE, boot.ChainImage
	tests := []struct {
		name string
		way  way
		last *attempt
		want boot.Chain
	}{
		{"PXE, never seen", wayPXE, nil, shim},
		{"shim fetched and not started", wayPXE, &attempt{Chain: shim}, ipxe},
		{"iPXE fetched and not started", wayPXE, &attempt{Chain: ipxe}, shim},
		{"GRUB asked for its script, no agent", wayPXE, &attempt{Chain: shim, Reach: started}, shim},
		{"the same a second time", wayPXE, &attempt{Chain: shim, Failed: 1, Reach: started}, ipxe},
		{"iPXE asked for its script, no agent, twice", wayPXE, &attempt{Chain: ipxe, Failed: 1, Reach: started}, shim},
		{"the agent was reached", wayPXE, &attempt{Chain: ipxe, Reach: ended, Proven: true}, ipxe},
		{"the agent was reached, after failures", wayPXE, &attempt{Chain: shim, Failed: 3, Reach: ended, Proven: true}, shim},
		{"proven, and not started once", wayPXE, &attempt{Chain: shim, Proven: true}, shim},
		{"proven, and not started twice", wayPXE, &attempt{Chain: shim, Proven: true, Failed: 1}, ipxe},
		{"HTTP Boot, never seen", wayHTTP, nil, image},
		{"the image was asked for and not started", wayHTTP, &attempt{Chain: image}, ipxe},
		{"iPXE by HTTP was not started", wayHTTP, &attempt{Chain: ipxe}, image},
		{"the image led to the agent", wayHTTP, &attempt{Chain: image, Reach: ended, Proven: true}, image},
		{"a chain that this way does not have", wayHTTP, &attempt{Chain: shim, Reach: ended, Proven: true}, image},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := next(tt.way, tt.last); got != tt.want {
				t.Errorf("the next chain is %s, want %s", got, tt.want)
			}
		})
	}
}

// TestTurn: a machine that starts nothing is sent every chain of its way, over
// and over, and none twice in a row.
func TestTurn(t *testing.T) {
	for _, w := range []way{wayPXE, wayHTTP} {
		var last *attempt
		var got []boot.Chain
		for range 2 * len(w.chains()) {
			a := again(next(w, last), last)
			got, last = append(got, a.Chain), &a
		}
		for n, c := range got {
			if want := w.chains()[n%len(w.chains())]; c != want {
				t.Errorf("%s: attempt %d goes by %s, want %s", w, n+1, c, want)
			}
		}
	}
}

func TestWayOf(t *testing.T) {
	for arch, want := range map[boot.Arch]way{
		boot.ArchBIOS: "", boot.ArchEFI32: "", boot.ArchARM64: "",
		boot.ArchEFI64: wayPXE, boot.ArchEFIBC: wayPXE, boot.ArchEFI64HTTP: wayHTTP,
	} {
		if got := wayOf(boot.Client{Arch: arch}); got != want {
			t.Errorf("%s: way %q, want %q", arch, got, want)
		}
	}
}
