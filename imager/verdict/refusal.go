package verdict

import "regain.example/agent/api"

// erases reports whether a command erases, or tries to.
func erases(c api.Command) bool {
	return c.Opcode == opcodeFormat || c.Opcode == opcodeSanitize && !leaves(c)
}

// leaves reports whether a command leads a drive out of the failure mode of an
// earlier sanitize operation; it erases nothing.
func leaves(c api.Command) bool {
	return c.Opcode == opcodeSanitize && c.Arguments&actionMask == actionExit
}

// refusal reports whether a controller answered that it did not begin. Any other
// answer, and none at all, leaves open what it did. The statuses are those of the
// NVM Express Base Specification 2.0, figures 96 to 98.
func refusal(c api.Command) bool {
	if c.Error != "" {
		return false
	}
	switch c.Status {
	case 0x001, // Invalid Command Opcode
		0x002, // Invalid Field in Command
		0x015, // Operation Denied
		0x020, // Namespace is Write Protected
		0x023, // Command Prohibited by Command and Feature Lockdown
		0x286: // Access Denied
		return true
	case 0x00b, // Invalid Namespace or Format
		0x00c, // Command Sequence Error: other commands are still being processed (2.3, section 5.2.10)
		0x10a: // Invalid Format
		return c.Opcode == opcodeFormat
	case 0x10b, // Firmware Activation Requires Conventional Reset
		0x110, // Firmware Activation Requires NVM Subsystem Reset
		0x111, // Firmware Activation Requires Controller Level Reset
		0x123, // Sanitize Prohibited While Persistent Memory Region is Enabled
		0x139: // Controller Suspended (2.3, section 5.2.22)
		return c.Opcode == opcodeSanitize
	}
	return false
}
