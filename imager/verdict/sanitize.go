package verdict

import (
	"regain.example/agent/api"
	"regain.example/imager"
)

// The Sanitize command and its log (NVM Express Base Specification 2.0, sections
// 5.24 and 5.16.1.25).
const (
	opcodeSanitize = 0x84
	actionMask     = 7 // CDW10 bits 2:0, SANACT
	actionExit     = 1
	allowExit      = 1 << 3 // AUSE
	passMask       = 0xf0   // OWPASS; 0 stands for 16
	statusMask     = 7      // SSTAT bits 2:0
	statusDone     = 1
	statusDoneKept = 4 // done, and deallocated although that was not asked for
	statusPurged   = 1 << 11
	purgeRequired  = 1 << 11 // CDW10, PREQ; see agent/nvme for its source
)

// sanitizeAction returns the SANACT of a method; false if it is no sanitize.
func sanitizeAction(m api.Method) (action uint32, ok bool) {
	switch m {
	case api.MethodSanitizeBlock:
		return 2, true
	case api.MethodSanitizeOverwrite:
		return 3, true
	case api.MethodSanitizeCrypto:
		return 4, true
	}
	return 0, false
}

// canSanitize wants a drive that advertises the operation in SANICAP (figure 275).
func canSanitize(plan imager.JobDrive, ev *api.DriveEvidence, m api.Method) *fault {
	bit := map[api.Method]uint32{api.MethodSanitizeCrypto: 1 << 0, api.MethodSanitizeBlock: 1 << 1, api.MethodSanitizeOverwrite: 1 << 2}[m]
	for _, n := range []*api.NVMe{plan.Drive.NVMe, ev.Before.NVMe} {
		if n == nil || n.SANICAP&bit == 0 {
			return advertised.because("the drive does not advertise %s", m)
		}
	}
	return nil
}

// sanitized believes a sanitize operation only if it is known to have begun, and
// the log's last word is about this one and is success.
func sanitized(plan imager.JobDrive, ev *api.DriveEvidence, a api.Attempt) *fault {
	if f := canSanitize(plan, ev, a.Method); f != nil {
		return f
	}
	s := a.Sanitize
	if s == nil {
		return sanitizing.because("%s left no record", a.Method)
	}
	want, _ := sanitizeAction(a.Method)
	switch {
	case s.Recovered:
		return sanitizing.because("the operation failed, and the drive had to be led out of its failure mode")
	case !s.Read:
		return sanitizing.because("the drive's sanitize log could not be read")
	case !s.Accepted && s.SeenRunning == 0:
		return sanitizing.because("nothing shows that the operation ever began")
	case s.Status&statusMask != statusDone && s.Status&statusMask != statusDoneKept:
		return sanitizing.because("the drive's sanitize log ends with state %d, which is not success", s.Status&statusMask)
	case s.LogArguments&actionMask != want || s.LogArguments&allowExit == 0:
		return sanitizing.because("the drive's sanitize log is about another operation (%#x)", s.LogArguments)
	case want == 3 && s.LogArguments&passMask == 0:
		return sanitizing.because("the drive was told to write 16 passes, which nobody planned")
	case s.Arguments == 0:
		return pickedUp(plan, a)
	case s.LogArguments != s.Arguments:
		return sanitizing.because("the drive's sanitize log names the command %#x, and %#x was sent", s.LogArguments, s.Arguments)
	}
	return sanitizeCommand(a)
}

// pickedUp accepts an operation that was found running without having been sent
// only if an earlier boot of this job began it, and laid the markers.
func pickedUp(plan imager.JobDrive, a api.Attempt) *fault {
	switch {
	case !earlier(plan, a.Method):
		return sanitizing.because("an operation ran that this job did not begin")
	case a.Markers == nil || !a.Markers.Carried:
		return sanitizing.because("the markers were not there before the operation began")
	}
	for _, c := range a.Commands {
		if c.Opcode == opcodeFormat || c.Opcode == opcodeSanitize {
			return command.because("%s (%#x) was sent besides the operation", c.Name, c.Arguments)
		}
	}
	return nil
}

// earlier reports whether an earlier boot of this job began the method.
func earlier(plan imager.JobDrive, m api.Method) bool {
	return plan.Resumed != nil && plan.Resumed.Method == m
}

// sanitizeCommand wants the command that began the operation, after refusals
// only, and none after it. A drive that answered otherwise and was then seen at
// work on this command has begun, too.
func sanitizeCommand(a api.Attempt) *fault {
	s, begun, accepted := a.Sanitize, false, false
	for _, c := range a.Commands {
		switch {
		case c.Opcode != opcodeFormat && c.Opcode != opcodeSanitize, leaves(c) && !begun:
			continue // the failure of someone else's operation was left first
		case c.NSID != 0: // the command knows none
			return command.because("%s was sent to namespace %d", c.Name, c.NSID)
		case begun, c.Opcode == opcodeFormat:
			return command.because("%s (%#x) was sent besides the operation", c.Name, c.Arguments)
		case c.Arguments == s.Arguments:
			begun, accepted = true, c.Status == 0 && c.Error == ""
		case !refusal(c):
			return command.because("%s (%#x) ended with status %#x %s", c.Name, c.Arguments, c.Status, c.Error)
		}
	}
	if !begun || accepted != s.Accepted {
		return command.because("what was sent is told in two ways")
	}
	return nil
}
