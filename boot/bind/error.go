package bind

import (
	"errors"
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"
)

// Error says which socket could not be opened, why, and what to do.
type Error struct {
	Network   string // "udp" or "tcp"
	Interface string
	Addr      netip.AddrPort
	Err       error
}

// Error returns one line for the administrator.
func (e *Error) Error() string {
	s := fmt.Sprintf("listen on %s port %d (%s) of interface %s: ", e.Network, e.Addr.Port(), e.Addr.Addr(), e.Interface)
	if advice := e.advice(); advice != "" {
		return s + advice
	}
	return s + e.Err.Error()
}

// Unwrap returns the cause, for errors.Is(err, unix.EADDRINUSE) and the like.
func (e *Error) Unwrap() error { return e.Err }

func (e *Error) advice() string {
	switch {
	case errors.Is(e.Err, unix.ENODEV):
		return "there is no such interface; `ip -brief link` lists those there are, and the configuration's bench interface must be one of them"
	case errors.Is(e.Err, unix.EADDRINUSE):
		flag := "-lunp"
		if e.Network == "tcp" {
			flag = "-ltnp"
		}
		return fmt.Sprintf("another program has this port; `ss %s 'sport = :%d'` names it; stop it, or keep it off this interface", flag, e.Addr.Port())
	case errors.Is(e.Err, unix.EADDRNOTAVAIL):
		return fmt.Sprintf("this host does not have the address; give it to the interface (`ip address add %s/24 dev %s`) or correct the configuration", e.Addr.Addr(), e.Interface)
	case errors.Is(e.Err, unix.EPERM), errors.Is(e.Err, unix.EACCES):
		return "not permitted; run as root, or with the capabilities CAP_NET_BIND_SERVICE and CAP_NET_RAW"
	}
	return ""
}
