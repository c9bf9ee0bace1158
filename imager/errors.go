package imager

import "errors"

// The refusals of the controller's methods. Each is wrapped with what it is about
// and what to do.
var (
	ErrNotFound = errors.New("not found")          // no such machine, job or profile
	ErrConflict = errors.New("conflict")           // the state, the drives or the version are not as the caller thought
	ErrInvalid  = errors.New("invalid")            // the request itself makes no sense
	ErrToken    = errors.New("token not valid")    // a token that is wrong, old or another machine's
	ErrSession  = errors.New("session not known")  // register again
	ErrBehind   = errors.New("reports missing")    // register again
	ErrStopped  = errors.New("session stopped")    // two sessions, or a token used twice
	ErrClosed   = errors.New("closed")             // a first-boot token that was used or withdrawn
	ErrVersion  = errors.New("version not served") // the agent speaks another version of the wire
	ErrBusy     = errors.New("too busy")           // too many requests or strangers; try again later
	ErrStorage  = errors.New("cannot store")       // the disk is full or failing; nothing was acknowledged
)
