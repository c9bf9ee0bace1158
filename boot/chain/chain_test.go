package chain

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"regain.example/boot"
)

func machineOf(last byte, arch boot.Arch) boot.Client {
	return boot.Client{MAC: net.HardwareAddr{0x52, 0x54, 0, 0, 0, last}, Arch: arch}
}

// What the servers see of a boot, as they report it.
func loaderSeen(name string) boot.Sighting { return boot.Sighting{Stage: boot.StageLoader, File: name} }

func scriptSeen(c boot.Chain) boot.Sighting { return boot.Sighting{Stage: boot.StageScript, Chain: c} }

var (
	asked      = boot.Sighting{Stage: boot.StageAddress, By: boot.AskerFirmware}
	systemUp   = boot.Sighting{Stage: boot.StageAddress, By: boot.AskerSystem}
	ipxeUp     = boot.Sighting{Stage: boot.StageAddress, By: boot.AskerIPXE}
	shimSeen   = loaderSeen(boot.FileShim)
	grubSeen   = loaderSeen("//" + boot.FileGRUB)
	ipxeSeen   = loaderSeen(boot.FileUEFI)
	sizeSeen   = boot.Sighting{Stage: boot.StageImageSize, Chain: boot.ChainImage}
	imageSeen  = boot.Sighting{Stage: boot.StageImage, Chain: boot.ChainImage}
	kernelSeen = boot.Sighting{Stage: boot.StageKernel, Chain: boot.ChainShim}
	refused    = boot.Sighting{Stage: boot.StageRefused}
	ownDisk    = boot.Sighting{Stage: boot.StageLocalDisk}
	broken     = boot.Sighting{Stage: boot.StageBroken, File: boot.FileShim}
)

func TestBook(t *testing.T) {
	const pxe, http = boot.ArchEFI64, boot.ArchEFI64HTTP
	grubScript, ipxeScript := scriptSeen(boot.ChainShim), scriptSeen(boot.ChainIPXE)
	tests := []struct {
		name string
		arch boot.Arch
		seen []boot.Sighting
		want boot.Chain
	}{
		{"a stranger by PXE", pxe, nil, boot.ChainShim},
		{"a stranger by HTTP Boot", http, nil, boot.ChainImage},
		{"BIOS", boot.ArchBIOS, []boot.Sighting{loaderSeen(boot.FileBIOS)}, boot.ChainIPXE},
		{"an address alone is no attempt", pxe, []boot.Sighting{asked, asked}, boot.ChainShim},
		{"a fetch that broke off is no attempt", pxe, []boot.Sighting{asked, broken, asked, broken}, boot.ChainShim},
		{"shim refused by Secure Boot", pxe, []boot.Sighting{asked, shimSeen}, boot.ChainIPXE},
		{"shim starts, GRUB does not", pxe, []boot.Sighting{asked, shimSeen, grubSeen}, boot.ChainIPXE},
		{"a system of its own after shim was refused", pxe, []boot.Sighting{asked, shimSeen, systemUp}, boot.ChainIPXE},
		{"iPXE refused after shim", pxe, []boot.Sighting{shimSeen, ipxeSeen}, boot.ChainShim},
		{"to the agent by GRUB", pxe, []boot.Sighting{asked, shimSeen, grubSeen, grubScript, kernelSeen, systemUp}, boot.ChainShim},
		{"to the agent by iPXE, after shim", pxe, []boot.Sighting{shimSeen, asked, ipxeSeen, ipxeUp, ipxeScript, systemUp}, boot.ChainIPXE},
		{"GRUB for the own disk, from iPXE", pxe, []boot.Sighting{shimSeen, ipxeSeen, ipxeScript, ownDisk, grubSeen, grubScript}, boot.ChainIPXE},
		{"refused for long", pxe, []boot.Sighting{shimSeen, grubScript, refused, grubScript, refused, asked}, boot.ChainShim},
		{"the own disk, by GRUB", pxe, []boot.Sighting{shimSeen, grubSeen, grubScript, ownDisk}, boot.ChainShim},
		{"a script of another loader", pxe, []boot.Sighting{shimSeen, ipxeScript, systemUp}, boot.ChainIPXE},
		{"GRUB runs and the kernel does not, twice", pxe, []boot.Sighting{shimSeen, grubScript, kernelSeen, shimSeen, grubScript, kernelSeen}, boot.ChainIPXE},
		{"the image leads to the agent", http, []boot.Sighting{asked, sizeSeen, imageSeen, systemUp}, boot.ChainImage},
		{"the image is not fetched", http, []boot.Sighting{asked, sizeSeen}, boot.ChainIPXE},
		{"the image is not fetched, and the disk starts", http, []boot.Sighting{asked, sizeSeen, systemUp}, boot.ChainIPXE},
		{"the image is fetched and does not start", http, []boot.Sighting{asked, sizeSeen, imageSeen, asked}, boot.ChainIPXE},
		{"the image without the question for its size", http, []boot.Sighting{asked, imageSeen}, boot.ChainIPXE},
		{"iPXE by HTTP, after the image", http, []boot.Sighting{sizeSeen, ipxeSeen}, boot.ChainImage},
		{"iPXE by HTTP to the agent", http, []boot.Sighting{sizeSeen, ipxeSeen, ipxeUp, ipxeScript, systemUp}, boot.ChainIPXE},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, err := Open(filepath.Join(t.TempDir(), "chains.json"))
			if err != nil {
				t.Fatal(err)
			}
			c := machineOf(1, tt.arch)
			for _, s := range tt.seen {
				s.Client = c
				b.Saw(s)
			}
			if got := b.Choose(c); got != tt.want {
				t.Errorf("the next chain is %s, want %s", got, tt.want)
			}
			if got := b.Choose(machineOf(2, tt.arch)); got != next(wayOf(c), nil) {
				t.Errorf("another machine is sent %s", got)
			}
		})
	}
}

// TestTwoWays: what came of HTTP Boot does not decide the way by PXE.
func TestTwoWays(t *testing.T) {
	b, err := Open(filepath.Join(t.TempDir(), "chains.json"))
	if err != nil {
		t.Fatal(err)
	}
	web, pxe := machineOf(1, boot.ArchEFI64HTTP), machineOf(1, boot.ArchEFI64)
	for _, s := range []boot.Sighting{sizeSeen, imageSeen} {
		s.Client = web
		b.Saw(s)
	}
	if got := b.Choose(pxe); got != boot.ChainShim {
		t.Errorf("by PXE it is sent %s", got)
	}
	s := shimSeen
	s.Client = pxe
	b.Saw(s)
	if got, other := b.Choose(pxe), b.Choose(web); got != boot.ChainIPXE || other != boot.ChainIPXE {
		t.Errorf("after both failed it is sent %s by PXE and %s by HTTP", got, other)
	}
}

// TestKeep: what was learned is there after a restart, and many changes make one
// write.
// TestIPXEFirst: beside another DHCP server machines that were never seen try iPXE
// before shim; HTTP Boot has its image, which needs no server's word.
func TestIPXEFirst(t *testing.T) {
	b, err := Open(filepath.Join(t.TempDir(), "boots.json"))
	if err != nil {
		t.Fatal(err)
	}
	b.IPXEFirst()
	pxe, web := machineOf(1, boot.ArchEFI64), machineOf(1, boot.ArchEFI64HTTP)
	if got, other := b.Choose(pxe), b.Choose(web); got != boot.ChainIPXE || other != boot.ChainImage {
		t.Errorf("chose %s by PXE and %s by HTTP", got, other)
	}
	b.Saw(boot.Sighting{Client: pxe, Stage: boot.StageLoader, File: boot.FileUEFI})
	if got := b.Choose(pxe); got != boot.ChainShim {
		t.Errorf("after iPXE failed: %s", got)
	}
}

func TestKeep(t *testing.T) {
	file := filepath.Join(t.TempDir(), "chains.json")
	synctest.Test(t, func(t *testing.T) {
		b, err := Open(file)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		go b.Keep(ctx, slog.New(slog.DiscardHandler))
		for n := range byte(3) {
			s := shimSeen
			s.Client = machineOf(n, boot.ArchEFI64)
			b.Saw(s)
			synctest.Wait()
			if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("written at change %d: %v", n+1, err)
			}
		}
		cancel()
		synctest.Wait()
	})
	b, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	for n := range byte(3) {
		if got := b.Choose(machineOf(n, boot.ArchEFI64)); got != boot.ChainIPXE {
			t.Errorf("machine %d is sent %s after a restart", n, got)
		}
	}
}

// TestBound: a flood of made-up machines does not fill the memory, and one that
// is still seen outlasts it.
func TestBound(t *testing.T) {
	b, err := Open(filepath.Join(t.TempDir(), "chains.json"))
	if err != nil {
		t.Fatal(err)
	}
	real := machineOf(1, boot.ArchEFI64)
	see := func(c boot.Client) {
		s := shimSeen
		s.Client = c
		b.Saw(s)
	}
	see(real)
	for n := range 2 * maxMachines {
		see(boot.Client{MAC: net.HardwareAddr{2, 0, 0, 0, byte(n >> 8), byte(n)}, Arch: boot.ArchEFI64})
		if n == maxMachines/2 {
			s := asked
			s.Client = real
			b.Saw(s)
		}
		if n == maxMachines && b.Choose(real) != boot.ChainIPXE {
			t.Error("the machine that was seen in between was forgotten")
		}
	}
	if len(b.entries) != maxMachines || b.order.Len() != maxMachines {
		t.Errorf("%d machines are kept, want %d", len(b.entries), maxMachines)
	}
}
