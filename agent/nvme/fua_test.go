package nvme

import (
	"errors"
	"os"
	"testing"

	"regain.example/agent/api"
)

func TestFUAReaderOfWhatHasPlainSectorsOnly(t *testing.T) {
	for name, n := range map[string]api.NVMe{
		"metadata":              {LBADataSize: 512, Metadata: 8},
		"protection":            {LBADataSize: 512, Protection: 1},
		"no answer to Identify": {},
	} {
		if _, err := NewFUAReader(nil, n, 0); !errors.Is(err, ErrNoFUA) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, c := range []struct{ sector, most, chunk int }{
		{512, 0, 128 << 10}, {512, 1 << 20, 128 << 10}, {512, 65536, 65536}, {512, 1000, 512}, {4096, 512, 4096}, {4096, 10000, 8192},
	} {
		r, err := NewFUAReader(nil, api.NVMe{LBADataSize: uint32(c.sector), Protection: 8}, c.most)
		if err != nil || r.chunk != c.chunk {
			t.Errorf("%+v: %+v, %v", c, r, err)
		}
	}
}

// A file takes no NVMe commands: the kernel's error comes through, and nothing
// counts as read.
func TestFUAReaderPassesErrorsOn(t *testing.T) {
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := NewFUAReader(f, api.NVMe{NSID: 1, LBADataSize: 512}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := r.ReadAt(pageAligned(1024), 0); n != 0 || err == nil || errors.Is(err, ErrNoFUA) {
		t.Error(n, err)
	}
	for name, read := range map[string]func() (int, error){
		"half a sector":   func() (int, error) { return r.ReadAt(pageAligned(256), 0) },
		"between sectors": func() (int, error) { return r.ReadAt(pageAligned(512), 256) },
		"negative":        func() (int, error) { return r.ReadAt(pageAligned(512), -512) },
	} {
		if _, err := read(); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}
