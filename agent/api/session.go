package api

import "fmt"

// RegisterRequest opens a session. It is the only request that carries the
// token of the boot.
type RegisterRequest struct {
	Version int    `json:"version"` // Version
	Token   string `json:"token"`
	// Nonce is drawn once in each boot, by the bench's first process, 32 hex
	// digits: the same registration sent twice (a lost reply, an agent that was
	// started again after a crash) is one, the same token with another nonce is
	// a second use of it.
	Nonce     string    `json:"nonce"`
	Inventory Inventory `json:"inventory"`
	// Again is set when the controller asked for a new registration in the
	// midst of a boot, or when the agent was started again; Holds then lists the drives on which this agent is
	// working or has finished an erasure in this boot.
	Again bool      `json:"again,omitempty"`
	Holds []DriveID `json:"holds,omitempty"`
	// Enrol is set, and Token is empty, if no boot server started the agent.
	Enrol *Enrolment `json:"enrol,omitempty"`
}

// RegisterReply names the session. Session and Key speak for this machine and
// this boot only.
type RegisterReply struct {
	Version int          `json:"version"`
	Session string       `json:"session"`
	Key     string       `json:"key"`
	Machine MachineLabel `json:"machine"`
	// Durable is the highest sequence number of the session's reports that
	// is on the controller's disk: 0 for a new session.
	Durable uint64 `json:"durable"`
}

// MachineLabel is how people call a machine.
type MachineLabel struct {
	Number int    `json:"number"`         // from 1, shown large on the bench
	Name   string `json:"name,omitempty"` // maker and model, for people
}

// Code tells a program why a request was refused.
type Code string

// The codes of refusals.
const (
	CodeBadRequest     Code = "bad-request"     // 400: not understood
	CodeVersion        Code = "version"         // 400: the wire's version is not served
	CodeToken          Code = "token"           // 403: the token is not valid for this machine and boot
	CodeUnknownSession Code = "unknown-session" // 401: register again
	CodeBehind         Code = "behind"          // 409: reports are missing before these, and the agent no longer holds them: register again
	CodeStopped        Code = "stopped"         // 403: two sessions claim one identity, or a token was used twice; both are stopped
	CodeStorage        Code = "storage"         // 507: the controller cannot write; try again
	CodeBusy           Code = "busy"            // 429: too many requests; try again
	CodeInternal       Code = "internal"        // 500: try again
	CodeClosed         Code = "closed"          // 410: a first-boot token that was used or withdrawn
)

// Problem is the body of every refusal.
type Problem struct {
	Code Code `json:"code"`
	// Message is for a person at the bench: what is wrong and what to do.
	Message string `json:"message"`
}

// Error makes a Problem an error.
func (p *Problem) Error() string { return fmt.Sprintf("%s (%s)", p.Message, p.Code) }
