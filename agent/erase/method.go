package erase

import (
	"context"
	"fmt"

	"regain.example/agent/api"
	"regain.example/agent/nvme"
)

// Method is one way to erase a drive, its verification included. Run writes what
// it sees into the attempt as it goes, so that an end in the middle loses
// nothing. It returns nil if the method ran to its end, a *NotRunError if the
// drive is known not to have run it, and any other error if that is unknown.
type Method interface {
	Run(ctx context.Context, t *Target, seen *api.Attempt) error
}

// methodOf returns the method with this name. An unknown name is a method that
// never runs.
func methodOf(name api.Method) Method {
	switch name {
	case api.MethodOverwrite:
		return overwrite{}
	case api.MethodFormat:
		return firmware{name, format{nvme.EraseUserData}}
	case api.MethodFormatCrypto:
		return firmware{name, format{nvme.EraseCrypto}}
	}
	if action, ok := nvme.ActionOf(name); ok {
		return firmware{name, sanitize{name, action}}
	}
	return unknown(name)
}

// NotRunError says that the drive has not run the method.
type NotRunError struct{ Reason string }

func (e *NotRunError) Error() string { return "not run: " + e.Reason }

func notRun(format string, args ...any) error {
	return &NotRunError{fmt.Sprintf(format, args...)}
}

type unknown api.Method

func (u unknown) Run(context.Context, *Target, *api.Attempt) error {
	return notRun("this agent has no method %q", string(u))
}
