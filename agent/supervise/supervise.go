// Package supervise keeps the agent running. PID 1 executes its own binary again
// and waits: if the agent crashes, what it said last is shown and kept for the
// next one, which reports that the outcome of its work is unknown.
//
// It is the only package of the agent that starts a program, and that program is
// the agent.
package supervise

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// Crash is how an agent ended that should not have.
type Crash struct {
	Status string // "exit status 2", "signal: killed"
	Tail   string // the last lines that it wrote
}

// Reason is the line of Tail that says why the runtime ended the agent, such as
// "panic: index out of range"; empty if there is none.
func (c Crash) Reason() string {
	for line := range strings.Lines(c.Tail) {
		if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// Agent says how to start the agent.
type Agent struct {
	Path string   // of the binary
	Args []string // with the name first
	Env  []string
	// Pause passes between a crash and the next start.
	Pause time.Duration
	// Output receives what the agent writes, beside the tail that is kept.
	Output *os.File
}

// Forever starts the agent, again after each end, and reaps every process that
// ends, as PID 1 must. It returns only if the agent cannot be started at all.
func Forever(a Agent, crashed func(Crash)) error {
	for {
		c, err := once(a)
		if err != nil {
			return err
		}
		crashed(c)
		time.Sleep(a.Pause)
	}
}

// once runs the agent to its end.
func once(a Agent) (Crash, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return Crash{}, fmt.Errorf("start agent: %w", err)
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return Crash{}, errors.Join(fmt.Errorf("start agent: %w", err), r.Close(), w.Close())
	}
	pid, err := syscall.ForkExec(a.Path, a.Args, &syscall.ProcAttr{
		Env:   a.Env,
		Files: []uintptr{null.Fd(), w.Fd(), w.Fd()},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	null.Close()
	w.Close()
	if err != nil {
		r.Close()
		return Crash{}, fmt.Errorf("start agent: %w", err)
	}
	tail := make(chan string)
	go func() { tail <- keepTail(r, a.Output) }()
	status, err := wait(pid)
	if err != nil {
		return Crash{}, err
	}
	defer r.Close()
	return Crash{Status: describe(status), Tail: <-tail}, nil
}

// wait reaps whatever ends until pid has.
func wait(pid int) (syscall.WaitStatus, error) {
	for {
		var status syscall.WaitStatus
		got, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return 0, fmt.Errorf("wait for agent: %w", err)
		case got == pid:
			return status, nil
		}
	}
}

func describe(s syscall.WaitStatus) string {
	if s.Signaled() {
		return "signal: " + s.Signal().String()
	}
	return fmt.Sprintf("exit status %d", s.ExitStatus())
}
