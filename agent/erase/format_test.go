package erase

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"regain.example/agent/api"
	"regain.example/agent/nvme"
	"regain.example/agent/nvme/nvmetest"
)

const nvmeSize = 10*mib + 4096

func TestFormat(t *testing.T) {
	for _, sector := range []int{512, 4096} {
		for _, method := range []api.Method{api.MethodFormat, api.MethodFormatCrypto} {
			b := newNVMeBench(nvmeSize, sector)
			got := b.erase(t.Context(), b.order(api.VerifyFull, method))
			e := got.Evidence
			a, m := e.Attempts[0], e.Attempts[0].Markers
			if e.Stopped != "" || a.Error != "" || a.NotRun != "" {
				t.Fatalf("%s: %+v", method, e)
			}
			if m.Blocks != 64 || m.Laid != 64 || !m.Flushed || m.Read != 64 || m.StillThere != 0 ||
				m.Former != 0 || m.FormerSkip != 0 || m.Samples < 20 || m.SamplesHit != 0 || m.ReadErrors != 0 {
				t.Errorf("%s: %+v", method, *m)
			}
			if a.ReadBack.BytesRead != nvmeSize || len(a.Commands) != 1 || a.Commands[0].Status != 0 {
				t.Errorf("%s: %+v %+v", method, a.ReadBack, a.Commands)
			}
			if zeros := method == api.MethodFormat; got.ZeroRead != zeros {
				t.Errorf("%s: ZeroRead %v", method, got.ZeroRead)
			}
		}
	}
}

func TestFormatEvidenceExposesLies(t *testing.T) {
	for name, c := range map[string]struct {
		lie   func(*bench)
		shows func(api.Attempt) bool
	}{
		"acknowledges and does nothing": {
			func(b *bench) { b.admin.FormatLies = true },
			func(a api.Attempt) bool {
				return a.Markers.StillThere == 64 && a.Markers.SamplesHit == a.Markers.Samples
			}},
		"erases the first half": {
			func(b *bench) {
				b.admin.Namespaces[0].Erase = func(uint8) {
					b.disk.Change(func(data []byte) { clear(data[:len(data)/2]) })
				}
			},
			func(a api.Attempt) bool { return a.Markers.StillThere >= 30 && a.Markers.SamplesHit >= 5 }},
		"erases every other sector": {
			func(b *bench) {
				b.admin.Namespaces[0].Erase = func(uint8) {
					b.disk.Change(func(data []byte) {
						for at := 0; at < len(data); at += 1024 {
							clear(data[at : at+512])
						}
					})
				}
			},
			func(a api.Attempt) bool { return a.Markers.StillThere == 64 }},
		"drops its cache and brings the former content back": {
			func(b *bench) {
				old := b.disk.Bytes()
				b.admin.Namespaces[0].Erase = func(uint8) { b.disk.Change(func(data []byte) { copy(data, old) }) }
			},
			func(a api.Attempt) bool { return a.Markers.StillThere == 0 && a.Markers.Former == 64 }},
		"changes the LBA format": {
			func(b *bench) {
				b.admin.AfterFormat = func(c *nvmetest.Controller) { c.Namespaces[0].LBAF[0] = 12 << 16 }
			},
			func(a api.Attempt) bool { return strings.Contains(a.Error, "changed the drive") }},
		"adds metadata": {
			func(b *bench) {
				b.admin.AfterFormat = func(c *nvmetest.Controller) { c.Namespaces[0].LBAF[0] |= 8 }
			},
			func(a api.Attempt) bool { return strings.Contains(a.Error, "changed the drive") }},
		"cannot be read afterwards": {
			func(b *bench) {
				b.admin.AfterFormat = func(*nvmetest.Controller) { b.disk.FailRead = func(int64) bool { return true } }
			},
			func(a api.Attempt) bool { return a.Markers.ReadErrors > 64 && a.Markers.Read == 0 }},
		"shrinks": {
			func(b *bench) { b.admin.AfterFormat = func(c *nvmetest.Controller) { c.Namespaces[0].Blocks-- } },
			func(a api.Attempt) bool { return strings.Contains(a.Error, "size") }},
	} {
		t.Run(name, func(t *testing.T) {
			b := newNVMeBench(nvmeSize, 512)
			c.lie(b)
			got := b.erase(t.Context(), b.order(api.VerifyFull, api.MethodFormat, api.MethodOverwrite))
			if len(got.Evidence.Attempts) != 1 {
				t.Fatal("a weaker method was used although the format may have run")
			}
			if a := got.Evidence.Attempts[0]; !c.shows(a) || a.NotRun != "" || got.ZeroRead {
				t.Errorf("the lie does not show: %+v %+v", a, a.Markers)
			}
		})
	}
}

func TestFormatWithAnUnknownEndIsNeverFollowedByAnother(t *testing.T) {
	for _, end := range []error{
		unix.EINTR, unix.ETIMEDOUT, unix.EIO, unix.ENODEV, errors.New("host aborted"),
		&nvme.StatusError{Opcode: 0x80, Status: nvme.StatusInternalError},
		&nvme.StatusError{Opcode: 0x80, Status: nvme.StatusAborted},
		&nvme.StatusError{Opcode: 0x80, Status: nvme.StatusFormatInProgress},
		&nvme.StatusError{Opcode: 0x80, Status: nvme.StatusSanitizeInProgress},
		&nvme.StatusError{Opcode: 0x80, Status: 0x7ff},
	} {
		b := newNVMeBench(nvmeSize, 512)
		b.admin.FormatError = end
		e := b.erase(t.Context(), b.order(api.VerifyFull, api.MethodFormat, api.MethodOverwrite)).Evidence
		if a := e.Attempts[0]; len(e.Attempts) != 1 || a.NotRun != "" || a.Error == "" {
			t.Errorf("%v: %+v", end, e.Attempts)
		}
	}
}

func TestRefusedFormatFallsBack(t *testing.T) {
	for name, refuse := range map[string]func(*bench){
		"Invalid Opcode": func(b *bench) {
			b.admin.FormatError = &nvme.StatusError{Opcode: 0x80, Status: nvme.StatusInvalidOpcode}
		},
		"Invalid Field": func(b *bench) {
			b.admin.FormatError = &nvme.StatusError{Opcode: 0x80, Status: nvme.StatusInvalidField}
		},
		"not advertised":              func(b *bench) { b.admin.OACS = 0; b.inventory() },
		"crypto erase not advertised": func(b *bench) { b.admin.FNA = 0; b.inventory() },
		"advertises else than before": func(b *bench) { b.admin.OACS = 0 },
		"no NVMe data":                func(b *bench) { b.drive.NVMe = nil },
		"reaches other namespaces": func(b *bench) {
			b.admin.FNA |= 1 << 1
			b.admin.Namespaces = append(b.admin.Namespaces, &nvmetest.Namespace{ID: 2})
			b.inventory()
		},
		"wraps addresses": func(b *bench) { b.disk.WrapAt = 4 * mib },
		"drops writes":    func(b *bench) { b.disk.DropWrite = func(int64) bool { return true } },
	} {
		b := newNVMeBench(nvmeSize, 512)
		refuse(b)
		e := b.erase(t.Context(), b.order(api.VerifyFull, api.MethodFormatCrypto, api.MethodOverwrite)).Evidence
		if len(e.Attempts) != 2 || e.Attempts[0].NotRun == "" || e.Attempts[1].Method != api.MethodOverwrite {
			t.Errorf("%s: %+v", name, e.Attempts)
			continue
		}
		for _, c := range b.admin.Sent() {
			if c.Opcode == nvme.OpcodeFormatNVM && b.admin.FormatError == nil {
				t.Errorf("%s: Format NVM was sent", name)
			}
		}
	}
}

func TestBlankDriveProvesByItsMarkersOnly(t *testing.T) {
	b := newNVMeBench(nvmeSize, 512)
	b.disk.Change(func(data []byte) { clear(data) })
	m := b.erase(t.Context(), b.order(api.VerifyNISTR2, api.MethodFormat)).Evidence.Attempts[0].Markers
	if m.FormerSkip != 64 || m.Samples != 0 || m.Former != 0 || m.SamplesHit != 0 || m.Laid != 64 {
		t.Errorf("%+v", *m)
	}
}
