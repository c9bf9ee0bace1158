package appliance

import (
	"strings"
	"testing"
	"time"

	"regain.example/boot"
	"regain.example/boot/script"
	"regain.example/imager/bootwatch"
)

const long = 5 * time.Minute

// situation is what a machine does, and what the page then says of it.
type situation struct {
	name string
	does func(b *bootBench, m *pxe)
	wait time.Duration
	want bootwatch.Kind
}

// unserved is a machine of an architecture that nothing is served for.
func unserved(arch boot.Arch) func(b *bootBench, m *pxe) {
	return func(b *bootBench, m *pxe) {
		m.take(boot.AskerFirmware, arch)
		b.reaches(m, boot.StageUnserved)
	}
}

func times(n int, f func(b *bootBench, m *pxe)) func(b *bootBench, m *pxe) {
	return func(b *bootBench, m *pxe) {
		for range n {
			f(b, m)
		}
	}
}

// asTold fetches the loader that the servers name, which is another one each time
// that none starts.
func asTold(b *bootBench, m *pxe) {
	b.firmware(m, boot.ArchEFI64)
	b.tftp(m, m.file, boot.StageLoader)
}

func situations() []situation {
	grubUpTo := func(file string) func(b *bootBench, m *pxe) {
		return func(b *bootBench, m *pxe) { b.grub(m, file) }
	}
	return []situation{
		{"32-bit UEFI", unserved(boot.ArchEFI32), 0, bootwatch.Arch32},
		{"ARM", unserved(boot.ArchARM64), 0, bootwatch.ArchARM},
		{"RISC-V", unserved(0x1b), 0, bootwatch.ArchOther},
		{"another server's address", func(b *bootBench, m *pxe) {
			m.refuse("10.77.0.254")
			b.reaches(m, boot.StageElsewhere)
		}, 0, bootwatch.Elsewhere},
		{"offers that do not arrive", func(b *bootBench, m *pxe) {
			for range 4 {
				m.discover(boot.AskerFirmware, boot.ArchEFI64, 5*time.Second)
				b.reaches(m, boot.StageOffer)
			}
		}, time.Minute, bootwatch.NoAnswer},
		{"an address and nothing more", func(b *bootBench, m *pxe) { b.firmware(m, boot.ArchEFI64) }, long, bootwatch.SilentTFTP},
		{"an address for HTTP Boot and nothing more", func(b *bootBench, m *pxe) { b.firmware(m, boot.ArchEFI64HTTP) }, long, bootwatch.SilentHTTP},
		{"iPXE has an address and asks for nothing", func(b *bootBench, m *pxe) { b.ipxe(m) }, long, bootwatch.SilentHTTP},
		{"TFTP breaks off again and again", func(b *bootBench, m *pxe) {
			b.firmware(m, boot.ArchEFI64)
			for range 3 {
				m.tftp(boot.FileKernel, 3)
				b.reaches(m, boot.StageBroken)
			}
		}, time.Second, bootwatch.Broken},
		{"HTTP breaks off, and that is all", func(b *bootBench, m *pxe) {
			b.ipxe(m)
			m.script()
			b.reaches(m, boot.StageScript)
			m.http("GET", "/boot/"+boot.FileKernel, 1000)
			b.reaches(m, boot.StageBroken)
		}, long, bootwatch.Broken},
		{"undionly, not started", func(b *bootBench, m *pxe) {
			b.firmware(m, boot.ArchBIOS)
			b.tftp(m, boot.FileBIOS, boot.StageLoader)
		}, long, bootwatch.LoaderBIOS},
		{"iPXE, not started", func(b *bootBench, m *pxe) {
			b.firmware(m, boot.ArchEFI64)
			b.tftp(m, boot.FileUEFI, boot.StageLoader)
		}, long, bootwatch.IPXERefused},
		{"shim, not started", grubUpTo(boot.FileShim), long, bootwatch.ThirdPartyCA},
		{"each loader that it is told, none started", times(3, asTold), 0, bootwatch.ThirdPartyCA},
		{"GRUB, no script", grubUpTo("//" + boot.FileGRUB), long, bootwatch.NoConfig},
		{"a script, no kernel", grubUpTo(script.GRUBConfig), long, bootwatch.NoKernel},
		{"a kernel, no initramfs", grubUpTo("/" + boot.FileKernel), long, bootwatch.NoInitramfs},
		{"everything, no agent", grubUpTo("/" + boot.FileInitramfs), long, bootwatch.NoAgent},
		{"an agent that does not register", func(b *bootBench, m *pxe) {
			b.grub(m, "/"+boot.FileInitramfs)
			m.take(boot.AskerSystem, 0)
			b.reaches(m, boot.StageAddress)
		}, long, bootwatch.NoRegistration},
		{"an image's size, no image", func(b *bootBench, m *pxe) {
			b.firmware(m, boot.ArchEFI64HTTP)
			m.http("HEAD", "/boot/esp.img", 0)
			b.reaches(m, boot.StageImageSize)
		}, long, bootwatch.ImageRefused},
		{"an image, no agent", func(b *bootBench, m *pxe) {
			b.firmware(m, boot.ArchEFI64HTTP)
			m.http("GET", "/boot/esp.img", 0)
			b.reaches(m, boot.StageImage)
		}, long, bootwatch.ImageRefused},
		{"three boots without an agent, and a fourth", func(b *bootBench, m *pxe) {
			times(3, grubUpTo("/"+boot.FileInitramfs))(b, m)
			b.firmware(m, boot.ArchEFI64)
			b.tftp(m, boot.FileShim, boot.StageLoader)
			b.tftp(m, boot.FileGRUB, boot.StageLoader)
			m.tftp(script.GRUBConfig, 0)
			b.reaches(m, boot.StageRefused)
		}, 0, bootwatch.Held},
		{"two machines behind one address", func(b *bootBench, m *pxe) {
			b.firmware(m, boot.ArchEFI64)
			m.uuid = "4c4c4544-0042-3510-8052-b4c04f4d9999"
			m.take(boot.AskerFirmware, boot.ArchEFI64)
		}, time.Second, bootwatch.SharedMAC},
	}
}

// TestAdvice: each situation that packets can make, with packets.
func TestAdvice(t *testing.T) {
	b := newBootBench(t, "10.77.0.180")
	b.ready()
	for i, s := range situations() {
		t.Run(s.name, func(t *testing.T) {
			sub := &bootBench{t: t, control: b.control}
			m := newPXE(t, byte(i+1))
			s.does(sub, m)
			if s.wait > 0 {
				if s.wait >= time.Minute {
					sub.says(m, "") // not yet
				}
				b.later(s.wait)
			}
			sub.says(m, s.want)
		})
	}
}

// TestGoodBoot: nothing is said of a machine that boots well, nor once its agent
// has registered.
func TestGoodBoot(t *testing.T) {
	b := newBootBench(t, "10.77.0.180")
	b.ready()
	m := newPXE(t, 0x80)
	b.ipxe(m)
	b.says(m, "")
	b.later(10 * time.Second)
	text := m.script()
	b.reaches(m, boot.StageScript)
	b.says(m, "")
	b.later(10 * time.Second)
	m.http("GET", "/boot/"+boot.FileKernel, 0)
	b.reaches(m, boot.StageKernel)
	b.says(m, "")
	m.http("GET", "/boot/"+boot.FileInitramfs, 0)
	b.reaches(m, boot.StageInitramfs)
	b.later(30 * time.Second)
	b.says(m, "")
	m.take(boot.AskerSystem, 0)
	b.reaches(m, boot.StageAddress)
	b.later(20 * time.Second)
	b.says(m, "")
	if c, _ := b.at(m); c.Tries != 1 || c.Arch != "BIOS" || c.Chain != string(boot.ChainIPXE) || c.UUID != m.uuid || c.Addr != m.addr {
		t.Errorf("the page has %+v", c)
	}
	if _, err := b.control.Register(t.Context(), registration(m, text)); err != nil {
		t.Fatal(err)
	}
	b.later(time.Hour)
	if c, shown := b.at(m); shown {
		t.Errorf("its agent has registered, and the page says %+v", c)
	}
	m.take(boot.AskerSystem, 0) // a renewal
	if c, shown := b.at(m); shown {
		t.Errorf("after a renewal the page says %+v", c)
	}
	v, err := b.control.Machine(t.Context(), 1)
	if err != nil || v.Trouble != nil || v.Machine.Inventory.System.UUID != m.uuid {
		t.Errorf("the machine is %+v, %v", v, err)
	}
}

// TestAdviceOnRefusal names the reason.
func TestAdviceOnRefusal(t *testing.T) {
	b := newBootBench(t, "10.77.0.180")
	b.ready()
	m := newPXE(t, quarantined)
	b.ipxe(m)
	m.script()
	b.reaches(m, boot.StageRefused)
	b.says(m, bootwatch.Refused)
	if c, _ := b.at(m); !strings.Contains(c.Trouble.Cause, "machine 7 is in quarantine") {
		t.Errorf("the cause is %q", c.Trouble.Cause)
	}
}

// TestAdviceOnFullPool: another machine has the only address.
func TestAdviceOnFullPool(t *testing.T) {
	b := newBootBench(t, "10.77.0.100")
	b.ready()
	newPXE(t, 0xff).take(boot.AskerFirmware, boot.ArchEFI64)
	m := newPXE(t, 0x81)
	if offer := m.discover(boot.AskerFirmware, boot.ArchEFI64, 2*time.Second); offer != nil {
		t.Fatalf("offered %s", offer.YourIPAddr)
	}
	b.reaches(m, boot.StageWithheld)
	b.says(m, bootwatch.PoolFull)
}

// TestAdviceOnRival: another server answers from the first look on.
func TestAdviceOnRival(t *testing.T) {
	const other = "10.77.0.2"
	rival(t, other)
	b := newBootBench(t, "10.77.0.180")
	m := newPXE(t, 0x82)
	withheld := func() bool { c, _ := b.at(m); return c.Stage == string(boot.StageWithheld) }
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end) && !withheld(); time.Sleep(200 * time.Millisecond) {
		if offer := m.discover(boot.AskerFirmware, boot.ArchEFI64, time.Second); offer != nil && offer.ServerIdentifier().String() != other {
			t.Fatalf("offered %s beside another server", offer.YourIPAddr)
		}
	}
	b.says(m, bootwatch.Rival)
	all, err := b.control.Boots(t.Context())
	if err != nil || len(all.Rivals) != 1 || all.Rivals[0].String() != other {
		t.Errorf("the page names %v, %v", all.Rivals, err)
	}
}
