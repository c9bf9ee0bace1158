package nvme

import (
	"path"
	"testing"

	"regain.example/agent/api"
)

// The models are those of the threads that the table cites.
func TestRule(t *testing.T) {
	for _, c := range []struct {
		model   string
		method  api.Method
		refused bool
	}{
		{"INTEL SSDPEKNW512G8", api.MethodSanitizeBlock, true},
		{"INTEL SSDPEKNW010T8", api.MethodSanitizeCrypto, true},
		{"intel ssdpeknw010t8  ", api.MethodSanitizeOverwrite, true},
		{"INTEL SSDPEKNW512G8", api.MethodFormat, false},
		{"INTEL SSDPEKNW512G8", api.MethodFormatCrypto, false},
		{"INTEL SSDPEKNW512G8", api.MethodOverwrite, false},
		{"INTEL SSDPEKKF256G8L", api.MethodFormatCrypto, true},
		{"INTEL SSDPEKKF256G8L", api.MethodFormat, false},
		{"INTEL SSDPEKKF256G8L", api.MethodSanitizeBlock, false},
		{"SAMSUNG MZVLW256HEHP-000L7", api.MethodFormat, false},
		{"Samsung SSD 970 EVO Plus 500GB", api.MethodSanitizeBlock, false},
		{"", api.MethodSanitizeBlock, false},
	} {
		row, refused := Rule(c.model, "002C", c.method)
		if refused != c.refused || refused && (row.Why == "" || row.Source == "") {
			t.Errorf("%s, %s: %+v, %v", c.model, c.method, row, refused)
		}
	}
}

func TestAdvice(t *testing.T) {
	for model, want := range map[string]string{
		"SAMSUNG MZVLV256HCHP-000H1":        "nvme-cli issue 84",
		"Samsung MZVKV512HAJH-000L1":        "nvme-cli issue 84",
		"SAMSUNG MZVPW256HEGL-000H1":        "nvme-cli issue 84",
		"SKHynix_HFS512GD9TNG-L5B0B":        "nvme-cli issue 816",
		"HFS001TEJ9X101N":                   "nvme-cli issue 2710",
		"INTEL SSDPEKNW512G8":               "", // a rule, not advice
		"SKHynix_HFS512GD9TNGX/L5B0B/other": "nvme-cli issue 816",
		"QEMU NVMe Ctrl":                    "",
	} {
		if row, ok := Advice(model, "1.0"); row.Source != want || ok != (want != "") {
			t.Errorf("%s: %+v", model, row)
		}
	}
}

func TestQuirkTable(t *testing.T) {
	for _, q := range quirks {
		if _, err := path.Match(q.Model, ""); err != nil || q.Why == "" || q.Source == "" {
			t.Errorf("%+v: %v", q, err)
		}
		if q.matches("QEMU NVMe Ctrl", "7.2") || q.matches("", "") {
			t.Errorf("%s matches too much", q.Model)
		}
	}
	q := Quirk{Model: "M*", Firmware: "1.[0-4]"}
	for firmware, want := range map[string]bool{"1.3": true, " 1.4 ": true, "1.5": false, "": false} {
		if q.matches("model", firmware) != want {
			t.Errorf("firmware %q", firmware)
		}
	}
}
