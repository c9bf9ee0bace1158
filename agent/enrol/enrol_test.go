package enrol

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"regain.example/agent/api"
)

// screen is an agent that remembers what it was ordered and shows.
type screen struct {
	orders []api.Order
	code   string
}

func (s *screen) Registered(api.MachineLabel) {}
func (s *screen) Order(o api.Order)           { s.orders = append(s.orders, o) }
func (s *screen) Connected()                  {}
func (s *screen) Trouble(error)               {}
func (s *screen) ShowCode(code string)        { s.code = code }

func (s *screen) last() api.Order { return s.orders[len(s.orders)-1] }

// TestGate: nothing but waiting and stopping is obeyed without the controller's
// proof for this code and the key that this agent sees.
func TestGate(t *testing.T) {
	code := Draw("https://10.77.0.1:8443", "pin")
	key, err := api.CodeKey(code.Text, code.Nonce)
	if err != nil {
		t.Fatal(err)
	}
	otherKey, err := api.CodeKey(code.Text, bytes.Repeat([]byte{1}, api.EnrolNonceBytes))
	if err != nil {
		t.Fatal(err)
	}
	right := api.ControllerProof(key, "pin")
	kinds := []api.OrderKind{api.OrderWait, api.OrderErase, api.OrderInstall, api.OrderStop, api.OrderEnd, "something-new"}
	for name, test := range map[string]struct {
		proof []byte
		obeys bool
	}{
		"the controller":                      {right, true},
		"none":                                {nil, false},
		"cut short":                           {right[:31], false},
		"for another key":                     {api.ControllerProof(key, "pin of the middle"), false},
		"for another boot":                    {api.ControllerProof(otherKey, "pin"), false},
		"the agent's own, sent back":          {api.AgentProof(key, "pin"), false},
		"a message authentication of nothing": {make([]byte, 32), false},
	} {
		s := &screen{}
		g, err := NewGate(code, s)
		if err != nil {
			t.Fatal(err)
		}
		if s.code != code.String() {
			t.Fatalf("the screen shows %q", s.code)
		}
		for _, kind := range kinds {
			g.Order(api.Order{Revision: 3, Kind: kind, Proof: test.proof, Erase: &api.EraseOrder{Job: "j"}})
			harmless := kind == api.OrderWait || kind == api.OrderStop
			if obeyed := s.last().Kind == kind; obeyed != (harmless || test.obeys) {
				t.Errorf("%s: order %q came through: %v", name, kind, obeyed)
			}
			if !harmless && !test.obeys && (s.last().Kind != api.OrderWait || s.last().Erase != nil || !strings.Contains(s.last().Message, "foreign device")) {
				t.Errorf("%s: in place of %q: %+v", name, kind, s.last())
			}
			if shown := s.code != ""; shown == test.obeys {
				t.Errorf("%s: the code is shown: %v", name, shown)
			}
		}
	}
}

// TestCode: codes are of the alphabet, each its own, and outlive a crash whole.
func TestCode(t *testing.T) {
	seen := map[string]bool{}
	counts := map[rune]int{}
	for range 1000 {
		c := Draw("https://10.77.0.1:8443", "pin")
		if len(c.Text) != 8 || strings.Trim(c.Text, api.CodeAlphabet) != "" || len(c.String()) != 9 || c.String()[4] != '-' || seen[c.Text] {
			t.Fatalf("code %q, shown as %q", c.Text, c)
		}
		seen[c.Text] = true
		for _, r := range c.Text {
			counts[r]++
		}
	}
	for _, r := range api.CodeAlphabet {
		if counts[r] < 150 || counts[r] > 350 { // 250 are expected, six deviations of 15
			t.Errorf("%c was drawn %d times in 8000", r, counts[r])
		}
	}
	path := filepath.Join(t.TempDir(), "enrol")
	if _, err := Load(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no code: %v", err)
	}
	c := Draw("https://10.77.0.1:8443", "pin")
	if err := c.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := Load(path)
	if err != nil || got.Text != c.Text || !bytes.Equal(got.Nonce, c.Nonce) || got.Pin != c.Pin || got.Controller != c.Controller {
		t.Errorf("%+v became %+v, %v", c, got, err)
	}
	for _, bad := range []string{"", "{}", `{"text":"7K3M"}`} {
		if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); err == nil || errors.Is(err, os.ErrNotExist) {
			t.Errorf("%q was taken for a code: %v", bad, err)
		}
	}
}
