package verdict

import (
	"encoding/binary"
	"testing"

	"regain.example/agent/api"
	"regain.example/imager"
)

// identity is the beginning of an Identify Controller: serial in bytes 23:4, model
// in bytes 63:24, both padded with spaces (NVM Express Base Specification 2.0,
// figure 275).
func identity(serial, model string) []byte {
	b := make([]byte, 4096)
	for i := range b[4:64] {
		b[4+i] = ' '
	}
	copy(b[4:], serial)
	copy(b[24:], model)
	return b
}

// namespace is the beginning of an Identify Namespace: size in logical blocks in
// bytes 7:0 (NVM Command Set Specification 1.0, figure 97).
func namespace(blocks uint64) []byte {
	return binary.LittleEndian.AppendUint64(nil, blocks)
}

func padded(b []byte) []byte { return append(b, make([]byte, 4096-len(b))...) }

func TestIdentified(t *testing.T) {
	for name, c := range map[string]struct {
		raw  api.Identify
		good bool
	}{
		"the same":          {api.Identify{Controller: identity("N1", "SSD"), Namespace: padded(namespace(size / 4096))}, true},
		"padded with zeros": {api.Identify{Controller: identity("N1\x00\x00", "SSD\x00")}, true},
		"with odd bytes":    {api.Identify{Controller: identity("\xffN1", "SSD\x80")}, true},
		"nothing":           {api.Identify{}, true},
		"another serial":    {api.Identify{Controller: identity("N2", "SSD")}, false},
		"another model":     {api.Identify{Controller: identity("N1", "HDD")}, false},
		"in part":           {api.Identify{Controller: identity("N1", "SSD")[:100]}, false},
		"another size":      {api.Identify{Namespace: padded(namespace(size/4096 - 1))}, false},
		"size in part":      {api.Identify{Namespace: namespace(size / 4096)}, false},
	} {
		for _, when := range []func(*api.DriveEvidence){
			func(ev *api.DriveEvidence) { ev.IdentifyBefore = &c.raw },
			func(ev *api.DriveEvidence) { ev.IdentifyAfter = &c.raw },
		} {
			s := good()["format"]
			when(s.ev)
			j := s.judge()
			if (j.Outcome == imager.OutcomeErased) != c.good || !c.good && j.Rule != string(contradiction) {
				t.Errorf("%s: %+v", name, j)
			}
		}
	}
}

// TestIdentifiedOnATA: raw data of another kind of drive are not taken for NVMe's.
func TestIdentifiedOnATA(t *testing.T) {
	s := good()["overwrite"]
	s.ev.IdentifyBefore = &api.Identify{ATA: make([]byte, 512), Controller: []byte{1}}
	if j := s.judge(); j.Outcome != imager.OutcomeErased {
		t.Errorf("%+v", j)
	}
}
