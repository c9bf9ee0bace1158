package imager_test

import (
	"testing"

	"regain.example/agent/api"
	"regain.example/imager"
)

func TestMachineName(t *testing.T) {
	for _, test := range []struct{ maker, product, want string }{
		{"", "", ""},
		{"Dell Inc.", "", "Dell Inc."},
		{"", "OptiPlex 3060", "OptiPlex 3060"},
		{"Dell Inc.", "OptiPlex 3060", "Dell Inc. OptiPlex 3060"},
		{"HP", "HP EliteDesk 800 G3 SFF", "HP EliteDesk 800 G3 SFF"},
	} {
		m := imager.Machine{Inventory: api.Inventory{System: api.System{Manufacturer: test.maker, Product: test.product}}}
		if got := m.Name(); got != test.want {
			t.Errorf("%q %q: %q, want %q", test.maker, test.product, got, test.want)
		}
	}
}
