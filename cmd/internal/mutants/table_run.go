package main

// running: how the agent comes from an order to the first destructive command.
func running() []mutant {
	const (
		approved  = "agent/run/approved.go"
		countdown = "agent/run/countdown.go"
		erase     = "agent/run/erase.go"
		did       = "agent/run/did.go"
		pin       = "agent/link/pin.go"
	)
	return []mutant{
		off("run: an order names drives", approved, "if len(o.Drives) == 0 {", "TestOrderWithoutDrives"),
		off("run: the drives are those of the order", approved, "if len(changed.gone)+len(changed.unknown) > 0 {", "TestDrivesChanged"),
		{name: "run: one drive more voids the approval", file: approved,
			text: "changed.unknown = append(changed.unknown, d.ID())", with: "_ = d", test: "TestDrivesChanged"},
		{name: "run: one drive less voids the approval", file: approved,
			text: "changed.gone = append(changed.gone, want.Drive)", with: "", test: "TestDrivesChanged"},
		{name: "run: drives that the profile leaves are left", file: did,
			text: `drive.Leave == "" && `, with: "", test: "TestLeftDriveIsNotErased"},
		off("run: a key stops the countdown", countdown, "case <-a.Keys:\n			w.cancel(errBench)\n			return errBench", "TestCountdownStopped").
			to("case <-a.Keys:"),
		{name: "run: a key at the end of the countdown counts", file: erase, text: "		a.heed(w)\n", with: "", test: "TestKeyAtTheEndOfTheCountdown"},
		{name: "run: keys of before do not count", file: countdown, text: "	a.drain()\n", with: "", test: "TestKeyBeforeCountdown"},
		{name: "run: the drives are looked at again after the countdown", file: erase,
			text: "		drives, err = a.approved(ctx, o.Erase)\n", with: "", test: "TestDriveAddedInCountdown"},
		{name: "run: no drive is erased twice for one job", file: did, text: " && !(o.Job == d.job && d.done[asked(drive)])", with: "",
			test: "TestLateOrderErasesNothingTwice"},
		{name: "run: an erasure is counted down", file: erase, text: "if err == nil && destructive(order) {", with: "if err == nil && false && destructive(order) {",
			test: "TestCountdownStopped"},
		{name: "run: a crash is not an erasure", file: erase, text: `Stopped: fmt.Sprintf("agent crashed: %v", p)`,
			with: `State: fmt.Sprintf("agent crashed: %v", p)`, test: "TestPanicIsUnknown"},
		{name: "link: the controller's key is the one named at boot", file: pin,
			text: "if subtle.ConstantTimeCompare(got[:], want) != 1 {",
			with: "if false && subtle.ConstantTimeCompare(got[:], want) != 1 {", test: "TestWrongPinIsRefused"},
		off("link: a server without a certificate is none", pin, "if len(chain) == 0 {", "TestCheckPinWithoutCertificate"),
	}
}
