package inventory

import (
	"fmt"
	"net"
	"unsafe"

	"golang.org/x/sys/unix"

	"regain.example/agent/drive"
)

// Local is this machine.
func Local() Machine {
	return Machine{Sys: "/sys", Proc: "/proc", Drives: drive.Local(), PermanentMAC: permanentMAC}
}

// permAddr is struct ethtool_perm_addr (linux/ethtool.h) with room for any
// address.
type permAddr struct {
	cmd, size uint32
	data      [32]byte
}

// ifreq is struct ifreq (linux/if.h) with a pointer as its data.
type ifreq struct {
	name [unix.IFNAMSIZ]byte
	data unsafe.Pointer
	_    [16]byte
}

// permanentMAC asks by ETHTOOL_GPERMADDR.
func permanentMAC(nic string) (string, error) {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return "", fmt.Errorf("permanent address of %s: %w", nic, err)
	}
	defer unix.Close(s) //nolint:errcheck // nothing to lose
	addr := &permAddr{cmd: unix.ETHTOOL_GPERMADDR, size: 32}
	req := &ifreq{data: unsafe.Pointer(addr)}
	copy(req.name[:unix.IFNAMSIZ-1], nic)
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(s), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(req))); errno != 0 {
		return "", fmt.Errorf("permanent address of %s: %w", nic, errno)
	}
	return net.HardwareAddr(addr.data[:min(addr.size, 32)]).String(), nil
}
