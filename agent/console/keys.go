package console

import (
	"os"

	"golang.org/x/sys/unix"
)

// Keys returns a channel that receives when a key is pressed on the bench's
// keyboard. A bench without one has a channel that never receives.
func Keys() <-chan struct{} {
	keys := make(chan struct{}, 1)
	tty, err := os.OpenFile("/dev/tty0", os.O_RDONLY|unix.O_NOCTTY, 0)
	if err != nil {
		return keys
	}
	raw(int(tty.Fd()))
	go func() {
		buf := make([]byte, 64)
		for {
			n, err := tty.Read(buf)
			if err != nil {
				return
			}
			if n > 0 {
				select {
				case keys <- struct{}{}:
				default:
				}
			}
		}
	}()
	return keys
}

// raw makes the terminal deliver each key at once and show none. Where it does
// not, Return still works.
func raw(fd int) {
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return
	}
	t.Lflag &^= unix.ICANON | unix.ECHO | unix.ISIG
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	_ = unix.IoctlSetTermios(fd, unix.TCSETS, t)
}
