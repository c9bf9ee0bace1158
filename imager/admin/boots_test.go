package admin_test

import (
	"errors"
	"testing"

	"regain.example/imager"
	"regain.example/imager/imagertest"
)

func TestBoots(t *testing.T) {
	op := bench()
	c, _ := start(t, op)
	ctx := t.Context()
	if b, err := c.Boots(ctx); err != nil || b.Clients == nil || len(b.Clients)+len(b.Rivals) != 0 {
		t.Fatalf("before any: %+v, %v", b, err)
	}
	op.SetBoots(imagertest.OnTheWay())
	b, err := c.Boots(ctx)
	if err != nil || len(b.Rivals) != 1 {
		t.Fatalf("got %+v, %v", b, err)
	}
	held := ""
	for _, m := range b.Clients {
		if m.Held {
			held = m.MAC
		} else if err := c.BootAgain(ctx, m.MAC); !errors.Is(err, imager.ErrConflict) {
			t.Errorf("%s, which is not held: %v, want ErrConflict", m.MAC, err)
		}
	}
	if err := c.BootAgain(ctx, held); err != nil {
		t.Fatalf("%q, which is held: %v", held, err)
	}
	if b, err = c.Boots(ctx); err != nil {
		t.Fatal(err)
	}
	for _, m := range b.Clients {
		if m.Held {
			t.Errorf("%s is held still", m.MAC)
		}
	}
	if err := c.BootAgain(ctx, "no/../mac"); !errors.Is(err, imager.ErrNotFound) {
		t.Errorf("an address that nobody has: %v, want ErrNotFound", err)
	}
}
