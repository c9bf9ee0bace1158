package main

// loops: what a machine boots, so that none circles and none is taken for another.
func loops() []mutant {
	const (
		rules    = "imager/bootrule/table.go"
		boot     = "imager/control/boot.go"
		attempts = "imager/control/attempts.go"
		headway  = "imager/control/headway.go"
		register = "imager/control/register.go"
		who      = "imager/identity/boot.go"
	)
	row := func(name, text, with string) mutant {
		return mutant{name: "boot rule: " + name, file: rules, text: text, with: with, test: "TestDecide"}
	}
	return []mutant{
		row("a halted machine is not settled", "m.Number != 0 && !m.Halted && ", "m.Number != 0 && "),
		row("a released machine is not settled", "&& !m.Released }", "}"),
		row("12 hours after its end a job is past", "&& m.Since < Rest", ""),
		row("a quarantined machine boots nothing", "m.finished(imager.JobQuarantined) && !m.Withdrawn", "false"),
		row("a cancelled machine boots nothing", "m.finished(imager.JobCancelled) && !m.Withdrawn", "false"),
		row("a job that comes no further is held", "m.underWay() && m.Fruitless >= Failures", "m.underWay() && m.Fruitless > 1000"),
		row("an agent that never registers is held", "return m.Unmet >= Failures", "return m.Unmet > 1000"),

		{name: "boot rule: only what was withdrawn since the job counts", file: boot, text: " && !d.At.Before(w.j.Ended)", with: "",
			test: "TestWithdrawnBeforeTheJob", in: benchTests},
		{name: "attempts: of this machine, not of its dock", file: attempts, text: "bootKey{strings.ToLower(mac), identity.Canonical(uuid)}",
			with: `bootKey{strings.ToLower(mac), identity.Canonical("")}`, test: "TestAgentThatNeverRegisters", in: benchTests},
		{name: "attempts: fetched twice is given once", file: attempts, text: "if !t.given {", with: "if true || !t.given {",
			test: "TestAgentThatNeverRegisters", in: benchTests},
		off("attempts: an image that boots nothing is no agent", attempts, `if t.given && (s.Stage == "refused" || s.Stage == "local-disk") {`,
			"TestAgentThatNeverRegisters").from(benchTests),
		{name: "attempts: bounded", file: attempts, text: "if len(a.each) < maxAttempts {", with: "if len(a.each) < 1000*maxAttempts {",
			test: "TestFloodOfBoots", in: benchTests},
		{name: "attempts: a registration ends the row", file: register, text: "	c.attempts.registered(r.Inventory)\n", with: "",
			test: "TestRegistrationForgetsFailures", in: benchTests},
		{name: "headway: only further than ever", file: headway, text: "if d == nil || d.Reached[milestone] >= value {", with: "if d == nil {",
			test: "TestWhatIsHeadway", in: benchTests},
		{name: "headway: the same boot's agent is no new boot", file: headway, text: "if !again && w.inVain() {", with: "if w.inVain() {",
			test: "TestBootsThatAreNone", in: benchTests},
		{name: "headway: a boot before the approval is none of the job's", file: headway,
			text: "(w.j.Session == w.s.ID || w.s.Began.After(w.j.Approved))", with: "true", test: "TestBootsThatAreNone", in: benchTests},
		{name: "headway: an operator's word ends the row", file: headway, text: "	w.j.Fruitless, w.dirty = 0, true\n", with: "	w.dirty = true\n",
			test: "TestJobThatComesNoFurther", in: benchTests},

		{name: "from boot: in doubt between two it is nobody", file: who, text: "if len(found) != 1 || ", with: "if len(found) == 0 || ", test: "TestFromBoot"},
		{name: "from boot: another serial is another machine", file: who, text: "return here == there", with: "return true", test: "TestFromBoot"},
		{name: "from boot: a dock's address is no witness", file: who, text: "return slices.Contains(global, mac) || slices.Contains(local, mac)",
			with: "return global != nil || local != nil || mac != \"\"", test: "TestFromBoot"},
		{name: "from boot: a UUID that is not told is another's", file: who, text: "Canonical(k.Inventory.System.UUID) == told &&",
			with: "(told == \"\" || Canonical(k.Inventory.System.UUID) == told) &&", test: "TestFromBoot"},
		{name: "from boot: an address that anybody draws is no witness alone", file: who, text: "global, _ := builtIn(k.Inventory.NICs)\n	return slices.Contains(global, mac)",
			with: "global, local := builtIn(k.Inventory.NICs)\n	return slices.Contains(append(global, local...), mac)", test: "TestFromBoot"},
	}
}
