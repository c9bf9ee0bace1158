package tftp

import (
	"fmt"
	"os"
	"testing"

	"github.com/vishvananda/netlink"

	"regain.example/boot/internal/benchnet"
)

// TestMain has the tests run in a network of their own, of which the loopback
// interface has to be set up.
func TestMain(m *testing.M) {
	if os.Geteuid() == 0 {
		lo, err := netlink.LinkByName("lo")
		if err == nil {
			err = netlink.LinkSetUp(lo)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "loopback interface:", err)
			os.Exit(1)
		}
	}
	os.Exit(benchnet.Main(m))
}
