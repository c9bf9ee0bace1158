package nvme

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"
)

// answers is a controller that answers what a function says, and keeps what it
// was asked.
type answers struct {
	answer func(c Command, data []byte) error
	asked  []Command
}

func (a *answers) Close() error { return nil }
func (a *answers) Admin(c Command, data []byte) error {
	a.asked = append(a.asked, c)
	return a.answer(c, data)
}

// Get Log Page by Base section 5.16: LID in CDW10 bits 7:0, the number of dwords
// less one in bits 31:16; 128 dwords are 512 bytes.
func TestLogsAreAskedFor(t *testing.T) {
	a := &answers{answer: func(_ Command, data []byte) error {
		if len(data) != 512 {
			t.Errorf("%d bytes", len(data))
		}
		data[2] = 2
		return nil
	}}
	log, err := ReadSanitizeLog(a)
	if err != nil || log.State() != SanitizeInProgress {
		t.Error(log, err)
	}
	if _, err := ReadHealth(a); err != nil {
		t.Error(err)
	}
	want := []Command{
		{Opcode: 0x02, NSID: 0xffffffff, CDW10: 0x007f0081},
		{Opcode: 0x02, NSID: 0xffffffff, CDW10: 0x007f0002},
	}
	if !slices.Equal(a.asked, want) {
		t.Errorf("%+v", a.asked)
	}
	refused := &answers{answer: func(c Command, _ []byte) error { return &StatusError{c.Opcode, 0x109} }}
	var answer *StatusError
	if _, err := ReadSanitizeLog(refused); !errors.As(err, &answer) {
		t.Error(err)
	}
	if _, err := ReadHealth(refused); !errors.As(err, &answer) {
		t.Error(err)
	}
}

// lists answers Identify with namespace lists of identifiers that a function
// yields: those above the command's NSID, up to 1,024.
func lists(next func(above uint32) []uint32) *answers {
	return &answers{answer: func(c Command, data []byte) error {
		clear(data)
		for i, id := range next(c.NSID) {
			if i < 1024 {
				binary.LittleEndian.PutUint32(data[4*i:], id)
			}
		}
		return nil
	}}
}

func ascending(n uint32) func(uint32) []uint32 {
	return func(above uint32) []uint32 {
		var list []uint32
		for id := above + 1; id <= n && len(list) < 1024; id++ {
			list = append(list, id)
		}
		return list
	}
}

func TestNamespacesAreCounted(t *testing.T) {
	for _, n := range []uint32{0, 1, 1023, 1024, 1025, 5000} {
		if got, err := namespaces(lists(ascending(n)), cnsActiveList); err != nil || got != int(n) {
			t.Errorf("%d of %d, %v", got, n, err)
		}
	}
	full := func(uint32) []uint32 { return ascending(1024)(0) }
	for name, next := range map[string]func(uint32) []uint32{
		"the list begins again": full,
		"its second part tells of one again": func(above uint32) []uint32 {
			if above == 0 {
				return full(0)
			}
			return []uint32{5}
		},
		"it never ends":       ascending(1 << 30),
		"it does not ascend":  func(uint32) []uint32 { return []uint32{2, 1} },
		"one is listed twice": func(uint32) []uint32 { return []uint32{1, 1} },
	} {
		a := lists(next)
		if got, err := namespaces(a, cnsActiveList); err == nil || len(a.asked) > maxLists {
			t.Errorf("%s: %d after %d commands", name, got, len(a.asked))
		}
	}
}

func TestAllocatedNamespaces(t *testing.T) {
	two := lists(ascending(2))
	refuses := &answers{answer: func(c Command, _ []byte) error { return &StatusError{c.Opcode, StatusInvalidField} }}
	broken := &answers{answer: func(Command, []byte) error { return errors.New("reset") }}
	for name, c := range map[string]struct {
		a     *answers
		oacs  uint16
		want  int
		asked int
		fails bool
	}{
		"no management":        {two, 0xfff7, 0, 0, false},
		"management":           {two, 1 << 3, 2, 1, false},
		"refused all the same": {refuses, 1 << 3, 0, 1, false},
		"no answer":            {broken, 1 << 3, 0, 1, true},
	} {
		c.a.asked = nil
		got, err := allocated(c.a, Controller{OACS: c.oacs})
		if got != c.want || (err != nil) != c.fails || len(c.a.asked) != c.asked {
			t.Errorf("%s: %d, %v, asked %+v", name, got, err, c.a.asked)
		}
		for _, asked := range c.a.asked {
			if asked.CDW10 != 0x10 || asked.Opcode != 0x06 {
				t.Errorf("%s: %+v", name, asked)
			}
		}
	}
}

func TestRawIdentify(t *testing.T) {
	a := &answers{answer: func(c Command, data []byte) error { data[0] = byte(c.CDW10) + 10; return nil }}
	raw, err := RawIdentify(a, 3)
	if err != nil || len(raw.Controller) != 4096 || raw.Controller[0] != 11 || len(raw.Namespace) != 4096 || raw.Namespace[0] != 10 {
		t.Error(err)
	}
	if a.asked[0].NSID != 0 || a.asked[1].NSID != 3 {
		t.Errorf("%+v", a.asked)
	}
	broken := &answers{answer: func(Command, []byte) error { return errors.New("reset") }}
	if raw, err := RawIdentify(broken, 1); err == nil || raw.Controller != nil {
		t.Error("no answer is data")
	}
}
