package cmdline

// An agent that was not started by the boot server, and so has no parameters but
// Media, asks for its controller by DHCP.
const (
	// AgentClass is the vendor class (option 60, RFC 2132 section 9.13) by which
	// the agent makes itself known.
	AgentClass = "Regain"
	// ControllerOption carries Params.Controller to such an agent, as text. It is
	// one of the site-specific options (RFC 2132 section 2, RFC 3942 section 3).
	ControllerOption = 224
)

// Enrols reports whether the agent must find its controller by itself, and be
// enrolled with the code on its screen.
func (p Params) Enrols() bool { return p.Controller == "" }
