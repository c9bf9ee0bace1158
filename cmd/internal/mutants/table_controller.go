package main

const benchTests = "imager/bench"

// sessions: a machine is a stranger, and speaks for itself only.
func sessions() []mutant {
	const (
		token    = "imager/token/token.go"
		register = "imager/control/register.go"
		session  = "imager/control/session.go"
		comeback = "imager/control/comeback.go"
		report   = "imager/control/report.go"
		request  = "imager/control/request.go"
		stranger = "imager/control/stranger.go"
		first    = "imager/control/firstboot.go"
		limit    = "imager/bench/limit.go"
	)
	return []mutant{
		off("token: made by this controller", token, "if !hmac.Equal(i.seal(b[:bodyLen:bodyLen]), b) {", "TestOpen"),
		off("token: expires", token, "if age := i.now().Sub(boot.Issued); age > life || age < -clockSlack {", "TestOpen"),
		off("token: of the interface that booted", token, "if !b.bootedThrough(inv.NICs) {", "TestCheck"),
		off("token: of the machine's UUID", token, "if !told.Same(b.UUID) {", "TestCheck"),
		{name: "token: one form only", file: token, text: "|| base64.RawURLEncoding.EncodeToString(b) != token", with: "", test: "TestOpen"},
		off("session: a token is needed", register, "if err := c.checkToken(r); err != nil {", "TestTokens").from(benchTests),
		{name: "session: a token used twice stops both", file: register, text: "case before.Nonce != r.Nonce:",
			with: "case false && before.Nonce != r.Nonce:", test: "TestTokenUsedTwiceStopsBoth", in: benchTests},
		off("session: the wire's version is known", register, "if r.Version != api.Version && r.Version != api.Version-1 || r.Version < 1 {",
			"TestVersionOfTheWire").from(benchTests),
		off("session: opened by its key only", session, "if subtle.ConstantTimeCompare(sum[:], s.KeyHash) != 1 {", "TestSpeaksForItselfOnly").from(benchTests),
		{name: "session: two live ones stop both", file: session,
			text: `return c.halt(ctx, s.Machine, &s, "two sessions speak for this machine at once")`,
			with: `return fmt.Errorf("%w: register again", imager.ErrSession)`, test: "TestTwoLiveSessionsStopBoth", in: benchTests},
		off("session: a new one is quiet while the older may live", comeback,
			"if last := c.now.lastWord(old.ID, w.now); !old.Left && old.Stopped == \"\" && w.now.Sub(last) < c.cfg.Grace {",
			"TestNoOrderWhileTheOlderSessionMayLive").from(benchTests),
		off("session: no report while the older may live", report, "if len(fresh) > 0 && w.now.Before(w.s.Quiet) {",
			"TestNoReportWhileTheOlderSessionMayLive").from(benchTests),
		off("report: without a gap", report, "case reports[first].Seq != durable+1:", "TestReportsOutOfOrder").from(benchTests),
		off("report: of the job and session that were ordered", report, "if w.j == nil || r.Job != w.j.ID || w.j.Session != w.s.ID {",
			"TestReportsThatDoNotBelong").from(benchTests).to("if w.j == nil {"),
		off("report: a machine's texts are cleaned", request, "if unicode.IsControl(r) || !unicode.IsPrint(r) && r != ' ' {", "TestClean"),
		{name: "session: strangers are bounded", file: stranger, text: "case count < c.cfg.MaxStrangers:", with: "case true || count < c.cfg.MaxStrangers:",
			test: "TestFloodOfStrangersIsBounded", in: benchTests},
		off("session: strangers are bounded in rate", stranger, "if !c.strangers.take(now) {", "TestRateOfStrangers").from(benchTests),
		{name: "first boot: by its one token", file: first, text: "|| subtle.ConstantTimeCompare(sum[:], j.CallHomeHash) != 1", with: "|| subtle.ConstantTimeCompare(sum[:], sum[:]) != 1",
			test: "TestBenchPowerCutWhileInstalling", in: benchTests},
		off("bench: requests of one client are bounded", limit, "if a.left < 1 {", "TestRateOfOneClient"),
	}
}

// approval: nothing is erased without one that names machine and drives.
func approval() []mutant {
	const (
		drives  = "imager/plan/drives.go"
		method  = "imager/plan/method.go"
		image   = "imager/plan/image.go"
		approve = "imager/control/approve.go"
		compare = "imager/control/drives.go"
		proof   = "imager/control/evidence.go"
		clock   = "imager/control/clock.go"
	)
	return []mutant{
		off("plan: doubled identities block", drives, "if seen[d.ID()] {", "TestDrives"),
		off("plan: read-only drives block", drives, "case d.ReadOnly:", "TestDrives"),
		off("plan: drives of no local bus block", drives, "case !localBus(d.Bus):", "TestDrives"),
		off("plan: drives without a size block", drives, "case d.SizeBytes == 0 || d.LogicalSector == 0:", "TestDrives"),
		off("plan: a drive is named once", drives, "if want[i] == want[i-1] {", "TestApproved"),
		off("plan: only drives that are there", drives, "if !known {", "TestApproved"),
		off("plan: every drive is named", drives, "if !slices.Contains(want, d.ID()) {", "TestApproved"),
		{name: "plan: one drive more or less is a change", file: drives, text: "		if left[d.ID()] > 0 {", with: "		if left[d.ID()] >= 0 {", test: "TestChanged"},
		off("plan: the image is for the drive's sectors", image, "case d.LogicalSector != m.LogicalSector:", "TestSystem"),
		off("plan: the drive is large enough", image, "case d.SizeBytes < need:", "TestSystem"),
		off("plan: the image is for the firmware", image, "if !slices.Contains(m.Firmware, need) {", "TestFirmware"),
		{name: "approval: names exactly the drives", file: approve, text: "err = plan.Approved(work, left, a.Drives)",
			with: "err = nil", test: "TestApprovalNamesExactlyTheDrives", in: benchTests},
		off("approval: not while the clock is wrong", approve, `if why := c.clock.trouble(); why != "" {`, "TestWrongClock").from(benchTests),
		off("approval: not for a halted machine", approve, `if w.m.Halted != "" {`, "TestHaltedMachineIsNotApproved").from(benchTests),
		off("approval: one job at a time", approve, "if w.j != nil && !w.j.State.Ended() {", "TestApprovalNamesExactlyTheDrives").from(benchTests),
		{name: "approval: expires", file: approve, text: "Expires: w.now.Add(approvalLife)", with: "Expires: w.now.Add(1000 * approvalLife)",
			test: "TestApprovalExpires", in: benchTests},
		off("approval: void when the drives change", compare, `if difference == "" {`, "TestDrivesChangedBeforeErasure").from(benchTests).
			to(`if difference == "" || true {`),
		off("evidence: the first counts", proof, "case d.Evidence != nil:", "TestGoodEvidenceAfterBad").from(benchTests),
		off("evidence: of a drive of the job", proof, "case d == nil:", "TestReportsThatDoNotBelong").from(benchTests),
	}
}

// recording: what the controller keeps of an erasure, and believes of it later.
func recording() []mutant {
	const (
		blocked = "imager/control/blocked.go"
		approve = "imager/control/approve.go"
		order   = "imager/control/order.go"
		journal = "imager/control/journal.go"
		recheck = "imager/control/recheck.go"
		proof   = "imager/control/evidence.go"
		pulled  = "imager/control/withdraw.go"
		resume  = "imager/plan/resume.go"
		guard   = "imager/plan/protected.go"
		storage = "imager/plan/storage.go"
		hidden  = "imager/plan/hidden.go"
		method  = "imager/plan/method.go"
		files   = "imager/bolt/evidence.go"
	)
	return []mutant{
		off("blocked: a machine that may not be erased is not approved", approve, "if blocked := c.blocked(w.m, pulled); len(blocked) > 0 {",
			"TestProtectedIsNotApproved").from(benchTests),
		off("blocked: protected since the approval", order, `if why := c.protected(w.m); why != "" {`, "TestProtectedAfterTheApproval").from(benchTests),
		off("blocked: storage that hides since the approval", order, "if why := plan.Storage(w.m.Inventory); len(why) > 0 {", "TestHiddenStorageBlocks").from(benchTests),
		{name: "protected: machines", file: guard, text: `p == (imager.Protected{Reason: p.Reason}) || !ofMachine(p, inv)`, with: "true", test: "TestProtected"},
		off("protected: drives", guard, "if ofDrive(p, d) {", "TestProtected"),
		off("storage: NVMe drives behind a SATA controller", hidden, "case s.Remapped > 0:", "TestStorage"),
		off("storage: controllers without a driver", hidden, `case s.Driver == "":`, "TestStorage"),
		off("storage: NVMe controllers that do not work", storage, `case s.State != "live":`, "TestStorage"),
		off("storage: capacity in no namespace", storage, "case n.UnallocByte > 0:", "TestStorage"),
		off("storage: namespaces that are not active", storage, "case n.Allocated > n.Namespaces:", "TestStorage"),
		off("storage: namespaces that do not show", storage, "case !all:", "TestStorage"),
		{name: "plan: a sanitize only with all namespaces", file: method, text: "	if whole {\n		m = sanitizers(n.SANICAP)\n	}", with: "	m = sanitizers(n.SANICAP)", test: "TestMethods"},
		{name: "plan: nothing weaker than what had begun", file: resume, text: "	d.Methods = []api.Method{began}\n", with: "", test: "TestResume"},
		off("journal: only steps of the plan", journal, `case !slices.Contains(d.Methods, e.Method) && (d.Follow == "" || e.Method != d.Follow):`, "TestStepsThatDoNotFit").from(benchTests),
		off("journal: no offset beyond the drive", journal, "case e.Offset > d.Drive.SizeBytes:", "TestStepsThatDoNotFit").from(benchTests),
		off("journal: no step backwards", journal, "case rank < stageRank[last.Stage]:", "TestStepsThatDoNotFit").from(benchTests),
		{name: "journal: places are drawn when the completion is told", file: journal, text: "	case api.StageBegun:\n", with: "	case api.StageBegun:\n		d.SampleSeed = draw(seedBytes)\n	case \"never\":\n",
			test: "TestSeedFollowsTheCompletion", in: benchTests},
		{name: "recheck: accepted drives are sampled in a new boot", file: recheck, text: "d.Rechecked != w.s.ID && !image", with: "false && !image",
			test: "TestAcceptedDrivesInANewBoot", in: benchTests},
		{name: "recheck: a bad sampling makes the drive unknown", file: recheck, text: "if judged.Outcome == imager.OutcomeErased {",
			with: "if judged.Outcome == imager.OutcomeErased || true {", test: "TestFreshSamplingThatFails", in: benchTests},
		{name: "recheck: places are drawn anew", file: recheck, text: "asked.SampleSeed = d.Recheck.Seed", with: "", test: "TestAcceptedDrivesInANewBoot", in: benchTests},
		off("evidence: the erasure waits for every drive", proof, "if d.Evidence == nil || rechecking(d, w.s.ID) {", "TestErasureWaitsForTheSamples").from(benchTests),
		off("evidence: no installation before every drive has it", proof, `case bad != "":`, "TestNoInstallationWithoutEvidence").from(benchTests),
		{name: "evidence: a file is what its name says", file: files, text: "if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != name {",
			with: "if sum := sha256.Sum256(text); false && hex.EncodeToString(sum[:]) != name {", test: "TestDamagedEvidence"},
		{name: "evidence: a damaged file is written again", file: files, text: "!bytes.Equal(there, text)", with: "len(there) == 0 && !bytes.Equal(there, text)",
			test: "TestDamagedEvidence"},
		off("withdrawn: with serial, reason and seal", pulled, "if len(missing) > 0 {", "TestWithdrawNeeds").from(benchTests),
		off("withdrawn: destroyed once", pulled, "case d.Destroyed != nil:", "TestDestroyedNeeds").from(benchTests),
		off("withdrawn: destroyed by someone, somehow", pulled, `case end.Who == "" || end.How == "":`, "TestDestroyedNeeds").from(benchTests),
		{name: "withdrawn: a drive that comes back blocks", file: blocked, text: ", declared(m.Number, m.Inventory, pulled)", with: "", test: "TestWithdrawnDriveComesBack", in: benchTests},
	}
}

// booting: the bench's listeners stay on the bench.
func booting() []mutant {
	const bind = "boot/bind/bind.go"
	return []mutant{
		{name: "boot: sockets hear one interface only (UDP)", file: bind,
			text: "bound = unix.SetsockoptString(int(fd), unix.SOL_SOCKET, unix.SO_BINDTODEVICE, iface)", with: "bound = nil",
			test: "TestUDPHearsItsInterfaceOnly"},
		{name: "boot: sockets hear one interface only (TCP)", file: bind,
			text: "bound = unix.SetsockoptString(int(fd), unix.SOL_SOCKET, unix.SO_BINDTODEVICE, iface)", with: "bound = nil",
			test: "TestTCPAcceptsFromItsInterfaceOnly"},
	}
}
