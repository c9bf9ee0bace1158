//go:build vm

package jobs

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"regain.example/boot"
	"regain.example/cmd/internal/vbench"
)

// TestBootChains: each kind of firmware comes to the agent by each of its chains,
// as far as the registration. The machine's drive is all that its inventory lists:
// the image that HTTP Boot keeps in memory is none.
func TestBootChains(t *testing.T) {
	const http = true
	for _, tt := range []struct {
		name     string
		firmware vbench.Firmware
		http     bool
		failed   boot.Chain // the chain of this machine's last attempt, which did not start
		chain    boot.Chain
	}{
		{name: "uefi", firmware: vbench.UEFI, chain: boot.ChainShim},
		{name: "uefi-ipxe", firmware: vbench.UEFI, failed: boot.ChainShim, chain: boot.ChainIPXE},
		{name: "secureboot", firmware: vbench.SecureBoot, chain: boot.ChainShim},
		{name: "http", firmware: vbench.UEFI, http: http, chain: boot.ChainImage},
		{name: "http-ipxe", firmware: vbench.UEFI, http: http, failed: boot.ChainImage, chain: boot.ChainIPXE},
		{name: "http-secureboot", firmware: vbench.SecureBoot, http: http, chain: boot.ChainImage},
	} {
		if !long && tt.name != "http-secureboot" {
			continue // PXE is the main jobs' way
		}
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, 6*time.Minute, settings{})
			m := b.plugAs(tt.firmware, vbench.Config{
				Name: tt.name, HTTPBoot: tt.http, Drives: []vbench.Drive{b.drive(vbench.SATA, "ONLY-1", 8<<20)},
			})
			if tt.failed != "" {
				b.remember(m, tt.http, tt.failed)
			}
			began := time.Now()
			b.powerOn(m)
			v := b.registered(1)
			t.Logf("%s: %.1f s from power-on to registration, load %s", tt.name, time.Since(began).Seconds(), load(t))
			if secure := tt.firmware == vbench.SecureBoot; v.Machine.Inventory.Firmware.SecureBoot != secure ||
				secure && v.Machine.Inventory.Firmware.Lockdown != "integrity" {
				t.Errorf("the agent sees %+v", v.Machine.Inventory.Firmware)
			}
			if d := v.Machine.Inventory.Drives; len(d) != 1 || d[0].Serial != "ONLY-1" {
				t.Errorf("the drives are %+v", d)
			}
			b.wentBy(m, tt.chain)
		})
	}
}

func (b *bench) book() string { return filepath.Join(b.StateDir(), "boots.json") }

// remember has the controller start with a book in which the machine's last
// attempt failed.
func (b *bench) remember(m *vbench.Machine, http bool, failed boot.Chain) {
	b.t.Helper()
	way := "pxe"
	if http {
		way = "http"
	}
	if err := b.Stop(b.ctx); err != nil {
		b.t.Fatal(err)
	}
	text := fmt.Sprintf(`[{"mac":%q,"attempts":{%q:{"chain":%q,"reach":0}},"open":%q}]`, m.MAC(), way, failed, way)
	if err := os.WriteFile(b.book(), []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
	if err := b.Start(b.ctx); err != nil {
		b.t.Fatal(err)
	}
}

// wentBy checks in the book of boot chains that the machine came to its agent by
// this one. The controller is stopped for it.
func (b *bench) wentBy(m *vbench.Machine, want boot.Chain) {
	b.t.Helper()
	if err := b.Stop(b.ctx); err != nil {
		b.t.Fatal(err)
	}
	text, err := os.ReadFile(b.book())
	if err != nil {
		b.t.Fatal(err)
	}
	var book []struct {
		MAC      string
		Open     string
		Attempts map[string]struct {
			Chain  boot.Chain
			Proven bool
		}
	}
	if err := json.Unmarshal(text, &book); err != nil || len(book) != 1 || book[0].MAC != m.MAC() {
		b.t.Fatalf("the book of boot chains is %s, %v", text, err)
	}
	if a := book[0].Attempts[book[0].Open]; a.Chain != want || !a.Proven {
		b.t.Errorf("the machine went by %s, want %s: %s", a.Chain, want, text)
	}
}

// load is the host's, over the last minute.
func load(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(text))[0]
}
