package dhcp

import (
	"testing"

	"regain.example/boot"
)

func learned() boot.Client {
	return boot.Client{MAC: mac(1), UUID: "00112233-4455-6677-8899-aabbccddeeff", Arch: boot.ArchEFI64,
		Addr: ip("10.77.0.100"), Manufacturer: "Dell Inc.", Product: "OptiPlex 7050", Serial: "ABC1234"}
}

func TestEachStepAsksWithTheSameKnowledge(t *testing.T) {
	file, c := leaseFile(t), newClock()
	table := open(t, file, ten(), c)
	firmware := boot.Client{MAC: mac(1), UUID: learned().UUID, Arch: boot.ArchEFI64}
	if err := table.Claim(firmware, ten(), ip("10.77.0.100")); err != nil {
		t.Fatal(err)
	}
	table.Learn(learned())
	for step, again := range map[string]func() boot.Client{
		"TFTP":             func() boot.Client { c, _ := table.Client(ip("10.77.0.100")); return c },
		"DHCP":             func() boot.Client { return table.Recall(firmware) },
		"after a renewal":  func() boot.Client { table.Claim(firmware, ten(), ip("10.77.0.100")); return table.Recall(firmware) },
		"after the system": func() boot.Client { table.Claim(client(1), ten(), ip("10.77.0.100")); return table.Recall(firmware) },
		"after a restart": func() boot.Client {
			table.Claim(firmware, ten(), ip("10.77.0.100"))
			return open(t, file, ten(), c).Recall(firmware)
		},
	} {
		if got := again(); got.Serial != "ABC1234" || got.Product != "OptiPlex 7050" || got.Manufacturer != "Dell Inc." {
			t.Errorf("%s: %+v", step, got)
		}
	}
}

// A dock's adapter moves from one machine to another.
func TestAnAdapterBringsNothingToAnotherMachine(t *testing.T) {
	table := open(t, leaseFile(t), ten(), newClock())
	if err := table.Claim(learned(), ten(), ip("10.77.0.100")); err != nil {
		t.Fatal(err)
	}
	table.Learn(learned())
	for _, uuid := range []string{"ffffffff-4455-6677-8899-aabbccddeeff", ""} {
		if got := table.Recall(boot.Client{MAC: mac(1), UUID: uuid}); got.Serial != "" || got.Product != "" {
			t.Errorf("UUID %q is told of the other machine: %+v", uuid, got)
		}
	}
	next := boot.Client{MAC: mac(1), UUID: "ffffffff-4455-6677-8899-aabbccddeeff"}
	if err := table.Claim(next, ten(), ip("10.77.0.100")); err != nil {
		t.Fatal(err)
	}
	if got, _ := table.Client(ip("10.77.0.100")); got.Serial != "" || got.UUID != next.UUID {
		t.Errorf("the lease still says %+v", got)
	}
}

func TestOnlyTheHolderIsLearned(t *testing.T) {
	table := open(t, leaseFile(t), ten(), newClock())
	if err := table.Claim(client(2), ten(), ip("10.77.0.100")); err != nil {
		t.Fatal(err)
	}
	table.Learn(learned()) // of machine 1, which does not hold the address
	if got, _ := table.Client(ip("10.77.0.100")); got.Serial != "" || got.UUID != "" {
		t.Errorf("the lease says %+v", got)
	}
}
