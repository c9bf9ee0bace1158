package rig

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
)

// Config describes a drive.
type Config struct {
	Socket string // path of the Unix socket that QEMU connects to
	File   string // the medium
	Model  string // at most 16 characters
	Serial string
	WWN    uint64 // NAA 5 name; 0 for none
	Behaviour
}

// Drive is one drive of the rig.
type Drive struct {
	cfg      Config
	medium   *Medium
	listener *net.UnixListener

	mu   sync.Mutex // orders the commands of all queues
	wg   sync.WaitGroup
	stop context.CancelFunc
}

// Start offers the drive on its socket until Close. QEMU may come, be killed, and
// come again.
func Start(cfg Config) (*Drive, error) {
	if len(cfg.Model) > 16 {
		return nil, fmt.Errorf("model %q is longer than 16 characters", cfg.Model)
	}
	medium, err := openMedium(cfg.File)
	if err != nil {
		return nil, err
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: cfg.Socket, Net: "unix"})
	if err != nil {
		medium.close()
		return nil, fmt.Errorf("offer drive: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	d := &Drive{cfg: cfg, medium: medium, listener: l, stop: stop}
	d.wg.Add(1)
	go d.accept(ctx)
	return d, nil
}

// Close ends the drive; its bytes stay in the file.
func (d *Drive) Close() error {
	d.stop()
	err := d.listener.Close()
	d.wg.Wait()
	return errors.Join(err, d.medium.close(), ignoreMissing(os.Remove(d.cfg.Socket)))
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// accept serves one QEMU after the other: a machine that is powered on again is
// a new connection.
func (d *Drive) accept(ctx context.Context) {
	defer d.wg.Done()
	for {
		c, err := d.listener.AcceptUnix()
		if err != nil {
			return
		}
		ended := context.AfterFunc(ctx, func() { c.Close() })
		serveFrontend(c, d)
		ended()
		c.Close()
	}
}

// handlerOf returns what serves queue i. Control and event requests are
// completed with nothing done.
func (d *Drive) handlerOf(i int) handler {
	if i < requestQueue {
		return func(out, in [][]byte) uint32 { return 0 }
	}
	return d.command
}
