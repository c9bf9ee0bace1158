package modules

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Watch loads modules for the devices that are there, and from then on for each
// that is added, until ctx ends. It sends on settled, once, when no device has
// been added for the given time.
func (l *Loader) Watch(ctx context.Context, log *slog.Logger, quiet time.Duration, settled chan<- struct{}) error {
	events, err := uevents() // before the scan, so that nothing falls between
	if err != nil {
		return err
	}
	defer events.Close()
	stop := context.AfterFunc(ctx, func() { _ = events.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := l.Scan(); err != nil {
		log.Warn("modules not loaded", "err", err)
	}
	buf := make([]byte, 16<<10)
	for {
		if settled != nil {
			if err := events.SetReadDeadline(time.Now().Add(quiet)); err != nil {
				return err
			}
		}
		n, err := events.Read(buf)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case settled != nil && os.IsTimeout(err):
			close(settled)
			settled = nil
			if err := events.SetReadDeadline(time.Time{}); err != nil {
				return err
			}
			continue
		case err != nil:
			// The kernel dropped events (ENOBUFS): look at everything again.
			if err := l.Scan(); err != nil {
				log.Warn("modules not loaded", "err", err)
			}
			continue
		}
		if modalias := added(buf[:n]); modalias != "" {
			if err := l.device(modalias); err != nil {
				log.Warn("module not loaded", "err", err)
			}
		}
	}
}

// uevents opens the kernel's announcements of devices.
func uevents() (*os.File, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_KOBJECT_UEVENT)
	if err != nil {
		return nil, fmt.Errorf("open uevents: %w", err)
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 1<<20)
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: 1}); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("bind uevents: %w", err)
	}
	return os.NewFile(uintptr(fd), "uevents"), nil
}

// added returns the modalias of an event that announces a new device, else "".
// An event is "ADD@PATH" and then "KEY=VALUE" strings, each ended by a zero byte
// (lib/kobject_uevent.c).
func added(event []byte) string {
	if !bytes.HasPrefix(event, []byte("add@")) {
		return ""
	}
	for field := range bytes.SplitSeq(event, []byte{0}) {
		if value, ok := bytes.CutPrefix(field, []byte("MODALIAS=")); ok {
			return string(value)
		}
	}
	return ""
}
