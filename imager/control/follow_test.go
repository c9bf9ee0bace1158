package control

import (
	"fmt"
	"testing"
	"time"

	"regain.example/agent/api"
)

func seen(mac, stage, by string) BootSighting {
	return BootSighting{Client: BootClient{MAC: mac, Arch: "UEFI"}, Stage: stage, By: by}
}

// TestBootsAreBounded: a bench that makes addresses up drives out the machines
// that were seen longest ago, and no more than that.
func TestBootsAreBounded(t *testing.T) {
	b := newBoots()
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	mac := func(i int) string { return fmt.Sprintf("02:00:00:00:%02x:%02x", i>>8, i&0xff) }
	for i := range maxBoots + 100 {
		b.saw(seen(mac(i), "offer", "firmware"), now.Add(time.Duration(i)*time.Second))
	}
	each, _ := b.now()
	if len(each) != maxBoots {
		t.Errorf("%d machines are followed, want %d", len(each), maxBoots)
	}
	if _, old := each[mac(99)]; old {
		t.Error("the oldest is followed still")
	}
	if _, last := each[mac(maxBoots+99)]; !last {
		t.Error("the newest is not followed")
	}
}

// TestOfficeComputersAreNotFollowed: a system asks for an address without a boot.
func TestOfficeComputersAreNotFollowed(t *testing.T) {
	b := newBoots()
	b.saw(seen("02:00:00:00:00:01", "address", "system"), time.Now())
	if each, _ := b.now(); len(each) != 0 {
		t.Errorf("followed: %v", each)
	}
}

func TestWhatAMachineSaidIsJoined(t *testing.T) {
	b := newBoots()
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	const mac = "02:00:00:00:00:01"
	say := func(c BootClient) BootClient {
		now = now.Add(time.Second)
		c.MAC = mac
		b.saw(BootSighting{Client: c, Stage: "script"}, now)
		each, _ := b.now()
		return each[mac].client
	}
	const one, two = "4c4c4544-0042-3510-8052-b4c04f4d3232", "4c4c4544-0042-3510-8052-b4c04f4d9999"
	say(BootClient{UUID: one, Manufacturer: "Dell Inc.", Product: "OptiPlex 7050", Serial: "B5R5M22"})
	if c := say(BootClient{UUID: one}); c.name() != "Dell Inc. OptiPlex 7050 B5R5M22" {
		t.Errorf("it is forgotten: %+v", c)
	}
	if c := say(BootClient{}); c.UUID != one || c.Serial != "B5R5M22" {
		t.Errorf("it is forgotten: %+v", c)
	}
	if c := say(BootClient{UUID: two}); c.name() != "" || c.UUID != two {
		t.Errorf("another machine is taken for it: %+v", c)
	}
}

func TestReachedByAnyInterface(t *testing.T) {
	b := newBoots()
	b.saw(seen("02:00:00:00:00:0a", "kernel", ""), time.Now())
	b.reached([]api.NIC{{MAC: "02:00:00:00:00:01"}, {MAC: "02:00:00:00:00:0A"}})
	if w := b.last([]api.NIC{{MAC: "02:00:00:00:00:0A"}}); !w.Arrived || w.Stage != "kernel" {
		t.Errorf("it is %+v", w)
	}
}
