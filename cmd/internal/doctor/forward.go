package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// forwardFlags are the kernel's switches for packets that come in on an interface
// and are for another network (ip-sysctl, conf/interface/forwarding).
const forwardFlags = "/proc/sys/net/ipv4/conf"

// forwarding checks that the kernel does not route between bench and office.
func (d *Doctor) forwarding(context.Context) []Finding {
	const what = "routing"
	on, err := forwards(forwardFlags, d.Config.Bench.Interface)
	if err != nil {
		return one(Warn, what, err.Error(), "")
	}
	if on {
		return one(Warn, what, "this computer forwards packets from "+d.Config.Bench.Interface+" to other networks",
			"set net.ipv4.ip_forward to 0; if something else needs it, load the rules of regain firewall, which forward nothing")
	}
	return one(OK, what, "nothing is forwarded from "+d.Config.Bench.Interface, "")
}

func forwards(flags, iface string) (bool, error) {
	text, err := os.ReadFile(filepath.Join(flags, iface, "forwarding"))
	if err != nil {
		return false, fmt.Errorf("whether packets are forwarded is not known: %w", err)
	}
	return strings.TrimSpace(string(text)) != "0", nil
}
