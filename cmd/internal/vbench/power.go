package vbench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Start says how a machine is powered on.
type Start struct {
	// NetworkFirst is the technician at F12: the network, then the drives.
	// Otherwise the firmware goes by its own order.
	NetworkFirst bool
	// HoldReboot powers the machine off where it would restart, so that the
	// drives can be looked at in between.
	HoldReboot bool
}

// ErrPower is returned for what needs the machine to be in another state of
// power.
var ErrPower = errors.New("wrong state of power")

// PowerOn starts the machine.
func (m *Machine) PowerOn(s Start) error {
	if m.On() {
		return fmt.Errorf("power on %s: %w: it is on", m.cfg.Name, ErrPower)
	}
	args, err := m.args(s)
	if err != nil {
		return fmt.Errorf("power on %s: %w", m.cfg.Name, err)
	}
	// QEMU's own words go to a file, for when it refuses to start.
	words, err := os.Create(filepath.Join(m.cfg.Dir, "qemu.log"))
	if err != nil {
		return err
	}
	defer words.Close()
	_ = os.Remove(m.socket())
	cmd := exec.Command("qemu-system-x86_64", args...)
	cmd.Stdout, cmd.Stderr = words, words
	p, err := m.wire.Start(cmd)
	if err != nil {
		return fmt.Errorf("power on %s: %w", m.cfg.Name, err)
	}
	m.on = p
	return m.started()
}

// started waits until QEMU answers on its control socket, which it does only
// after it has accepted all of its arguments.
func (m *Machine) started() error {
	deadline := time.After(30 * time.Second)
	for {
		q, err := m.control()
		if err == nil {
			return q.Close()
		}
		select {
		case <-m.on.Done():
			b, _ := os.ReadFile(filepath.Join(m.cfg.Dir, "qemu.log"))
			return fmt.Errorf("power on %s: QEMU ended: %s", m.cfg.Name, bytes.TrimSpace(b))
		case <-deadline:
			m.PowerCut()
			return fmt.Errorf("power on %s: QEMU does not answer: %w", m.cfg.Name, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// On reports whether the machine runs.
func (m *Machine) On() bool {
	if m.on == nil {
		return false
	}
	select {
	case <-m.on.Done():
		return false
	default:
		return true
	}
}

// Off is closed when the machine goes off. The machine must have been on.
func (m *Machine) Off() <-chan struct{} { return m.on.Done() }

// AwaitOff returns when the machine is off.
func (m *Machine) AwaitOff(ctx context.Context) error {
	if m.on == nil {
		return nil
	}
	select {
	case <-m.on.Done():
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait until %s is off: %w", m.cfg.Name, ctx.Err())
	}
}

// PowerCut takes the power away, at once.
func (m *Machine) PowerCut() {
	if m.on != nil {
		m.on.Kill()
	}
}

// PowerButton presses the button: a system that listens shuts down.
func (m *Machine) PowerButton() error { return m.command("system_powerdown", nil) }

// Reset presses the reset button.
func (m *Machine) Reset() error { return m.command("system_reset", nil) }
