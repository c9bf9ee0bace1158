package appliance

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
)

// firstHandedOver is the first file descriptor of the socket activation protocol
// (sd_listen_fds(3), SD_LISTEN_FDS_START).
const firstHandedOver = 3

// handedOver returns the listener that was handed over under a name by the socket
// activation protocol of systemd, or nil if there is none. Unlike sd_listen_fds
// it accepts an absent LISTEN_PID: a program that starts us without a shell
// cannot know our number beforehand.
func handedOver(name string) (net.Listener, error) {
	if pid := os.Getenv("LISTEN_PID"); pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return nil, nil // meant for another process
	}
	n, err := strconv.Atoi(os.Getenv("LISTEN_FDS"))
	if err != nil || n < 1 {
		return nil, nil
	}
	names := strings.Split(os.Getenv("LISTEN_FDNAMES"), ":")
	i := slices.Index(names, name)
	if i < 0 || i >= n {
		return nil, nil
	}
	f := os.NewFile(uintptr(firstHandedOver+i), name)
	defer f.Close()
	l, err := net.FileListener(f) // has its own copy, closed on exec
	if err != nil {
		return nil, fmt.Errorf("take over the listener %q (file descriptor %d): %w", name, firstHandedOver+i, err)
	}
	return l, nil
}
