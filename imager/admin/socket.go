package admin

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// ErrRunning is returned by Listen when another controller answers at the socket.
var ErrRunning = errors.New("another controller is running")

// Listen binds the socket at path with mode 0600. A socket that a killed
// controller has left behind is replaced; one that answers is not.
func Listen(path string) (net.Listener, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make directory of admin socket: %w", err)
	}
	if err := removeStale(path); err != nil {
		return nil, err
	}
	// The mode must hold from the first moment on: a umask is the whole
	// process's, so the socket is bound under a name in a directory of our
	// own and moved when it is closed to others.
	dir, err := os.MkdirTemp(filepath.Dir(path), ".admin-")
	if err != nil {
		return nil, fmt.Errorf("listen on admin socket: %w", err)
	}
	defer os.RemoveAll(dir)
	hidden := filepath.Join(dir, "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: hidden, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("listen on admin socket: %w", err)
	}
	l.SetUnlinkOnClose(false)
	if err := errors.Join(os.Chmod(hidden, 0o600), os.Rename(hidden, path)); err != nil {
		l.Close()
		return nil, fmt.Errorf("listen on admin socket %s: %w", path, err)
	}
	return &listener{l, path}, nil
}

func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at admin socket: %w", err)
	}
	if info.Mode().Type() != os.ModeSocket {
		return fmt.Errorf("listen on admin socket: %s exists and is no socket: move it away or set admin.socket", path)
	}
	if c, err := net.Dial("unix", path); err == nil {
		c.Close()
		return fmt.Errorf("listen on admin socket %s: %w: stop it first", path, ErrRunning)
	}
	return os.Remove(path)
}

// listener removes its socket when it is closed.
type listener struct {
	*net.UnixListener
	path string
}

// Close closes the listener and removes the socket.
func (l *listener) Close() error {
	return errors.Join(l.UnixListener.Close(), os.Remove(l.path))
}

type actorKey struct{}

// ConnContext notes who is at the other end of a connection; it is for
// http.Server.ConnContext.
func ConnContext(ctx context.Context, c net.Conn) context.Context {
	uid, err := peer(c)
	if err != nil {
		return ctx // without an actor, every request is refused
	}
	return context.WithValue(ctx, actorKey{}, "local:"+userName(uid))
}

// peer returns the user at the other end. Only the controller's own user and
// root pass, whatever became of the socket's mode.
func peer(c net.Conn) (uint32, error) {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return 0, errors.New("not a Unix socket")
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return 0, err
	}
	var cred *unix.Ucred
	var credErr error
	if err := raw.Control(func(fd uintptr) {
		cred, credErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return 0, err
	}
	if credErr != nil {
		return 0, credErr
	}
	if cred.Uid != 0 && cred.Uid != uint32(os.Getuid()) {
		return 0, syscall.EACCES
	}
	return cred.Uid, nil
}

func userName(uid uint32) string {
	id := strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return id
}
