package imagertest

import (
	"context"
	"fmt"

	"regain.example/agent/api"
	"regain.example/imager"
)

// Code is on the screen of every machine that was started from a stick.
const Code = "7K3M-Q9XT"

// FromStick returns machine 30, which was started from a stick and waits for
// approval.
func FromStick() []imager.View {
	v := machine(30, "Fujitsu", "ESPRIMO D556", "YM7L012345", Disk("STICK-DISK-1"))
	v.Machine.Inventory.Drives = append(v.Machine.Inventory.Drives, api.Drive{
		Node: "sdb", Bus: api.BusUSB, Location: "pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0", Model: "Ultra", Serial: "4C530001",
		SizeBytes: 15518924800, LogicalSector: 512, PhysicalSector: 512, Removable: true,
		Excluded: "the stick that this machine was started from",
	})
	v.Online, v.Enrolment = true, imager.EnrolCode
	v.Waiting = "approval with the code on its screen (it was started from a stick)"
	return []imager.View{v}
}

// EnterCode implements imager.Operator.
func (o *Operator) EnterCode(ctx context.Context, actor string, n int, code string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	v, err := o.find(n)
	if err != nil {
		return err
	}
	return o.enter(&v, actor, code)
}

func (o *Operator) enter(v *imager.View, actor, code string) error {
	switch {
	case v.Enrolment != imager.EnrolCode:
		return fmt.Errorf("machine %d waits for no code: %w", v.Machine.Number, imager.ErrConflict)
	case code != Code:
		return fmt.Errorf("machine %d: %w: this is not the code on its screen", v.Machine.Number, imager.ErrInvalid)
	}
	v.Enrolment = imager.EnrolDone
	o.note(v, actor, "typed the code on the screen")
	return nil
}
