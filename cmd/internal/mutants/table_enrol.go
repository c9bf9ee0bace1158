package main

// enrolling: a machine from a stick and its controller have seen that the other knows
// the code, and the stick is not erased.
func enrolling() []mutant {
	const (
		gate     = "agent/enrol/gate.go"
		stick    = "agent/stick/stick.go"
		check    = "imager/enrol/enrol.go"
		enrol    = "imager/control/enrol.go"
		approve  = "imager/control/approve.go"
		comeback = "imager/control/comeback.go"
		register = "imager/control/register.go"
		orders   = "imager/control/order.go"
		instruct = "imager/control/instruct.go"
		device   = "cmd/internal/media/device.go"
		write    = "cmd/internal/media/write.go"
	)
	return []mutant{
		{name: "enrol: no work for a controller that does not know the code", file: gate,
			text: "proven := hmac.Equal(o.Proof, g.proof)", with: "proven := hmac.Equal(o.Proof, g.proof) || true", test: "TestGate"},
		{name: "enrol: the code is compared", file: check, text: "if !hmac.Equal(api.AgentProof(key, pin), e.Proof) {",
			with: "if false && !hmac.Equal(api.AgentProof(key, pin), e.Proof) {", test: "TestWrongCodes", in: benchTests},
		{name: "enrol: the proof is for the key that the agent sees", file: check, text: "api.AgentProof(key, pin)",
			with: `api.AgentProof(key, map[bool]string{true: pin}[pin == ""])`, test: "TestEnrolment", in: benchTests},
		off("enrol: no approval without the code", approve, "if w.unproven() {", "TestEnrolment").from(benchTests),
		{name: "enrol: no step of a job before the code", file: orders, text: "w.unproven() || ", with: "", test: "TestOneCodeOneBoot", in: benchTests},
		off("enrol: no order before the code", instruct, "case w.unproven():", "TestEnrolment").from(benchTests),
		{name: "enrol: an unproven session takes no job over", file: comeback, text: " || w.unproven()", with: "", test: "TestUnprovenTakesNothingOver", in: benchTests},
		off("enrol: wrong codes end the chance", enrol, "case w.s.Enrol.State() == imager.EnrolClosed:\n\t\t\treturn fail", "TestWrongCodes").from(benchTests),
		off("enrol: codes are limited", enrol, "case !c.codes.take(machine, w.now):", "TestCodesAreLimited").from(benchTests),
		off("enrol: one proof for one boot", register, "case !sameEnrolment(before.Enrol, r.Enrol):", "TestEnrolmentRefused").from(benchTests),
		off("enrol: the wrong codes of a boot are counted on", register, "if same != nil && same.Enrol != nil {", "TestWrongCodes").from(benchTests),
		off("stick: not erased", stick, "case is:", "TestMark"),
		off("stick: in doubt nothing is erased", stick, `if f.seen == "" && len(could) > 0 {`, "TestMark"),
		off("media: not over a drive that is in use", device, "case len(d.Uses) > 0:", "TestCheck"),
		off("media: not over a drive that is built in", device, "case !d.Portable && !force:", "TestCheck"),
		off("media: what was written is compared", write, "if !bytes.Equal(held[:len(b)], b) {", "TestCompares"),
	}
}
