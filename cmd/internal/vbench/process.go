package vbench

import (
	"context"
	"os"
	"os/exec"
)

// Process is a running command of a bench.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error
}

// PID is the process's number.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Signal sends a signal; it is not an error if the process has ended.
func (p *Process) Signal(s os.Signal) { _ = p.cmd.Process.Signal(s) }

// Kill ends the process at once (SIGKILL) and waits until it is gone.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err is how the process ended; nil for status 0. Valid after Done.
func (p *Process) Err() error { return p.err }

// Wait returns how the process ended, or ctx's error if that comes first.
func (p *Process) Wait(ctx context.Context) error {
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		return ctx.Err()
	}
}
