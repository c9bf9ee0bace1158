package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"time"

	"regain.example/agent/console"
	"regain.example/agent/supervise"
	"regain.example/agent/system"
)

// The names by which PID 1 and the agent know each other.
const (
	nonceVariable = "REGAIN_NONCE"
	crashFile     = system.Run + "/crash"
	journalFile   = system.Run + "/journal"
)

// supervisor is PID 1. It never returns: the kernel would panic.
func supervisor() {
	err := system.Mount()
	system.Quiet()
	line, lineErr := system.CommandLine()
	serial := console.Serial(line)
	if err := errors.Join(err, lineErr); err != nil {
		fmt.Fprintln(serial, "regain:", err)
	}
	err = supervise.Forever(supervise.Agent{
		Path:   "/init",
		Args:   []string{"regain-agent"},
		Env:    environment(),
		Pause:  5 * time.Second,
		Output: serial,
	}, func(c supervise.Crash) { crashed(line, serial, c) })
	fmt.Fprintln(serial, "regain:", err)
	show(line, console.View{Mood: console.Red, Title: "The agent does not start",
		Message: err.Error() + " Switch the machine off; nothing was erased by this start."})
	select {}
}

// environment is that of every agent of this boot: the nonce makes them one to
// the controller. The memory limit is two fifths of the machine's, so that one of
// 512 MiB, which also holds the initramfs, does not come to its end.
func environment() []string {
	nonce := make([]byte, 16)
	rand.Read(nonce) // never fails
	return []string{
		"PATH=/", "HOME=/", "TMPDIR=/tmp", "GOTRACEBACK=single",
		fmt.Sprintf("GOMEMLIMIT=%d", system.Memory()*2/5),
		nonceVariable + "=" + hex.EncodeToString(nonce),
	}
}

// crashed shows how the agent ended, and leaves it for the next one to report.
func crashed(line string, serial *os.File, c supervise.Crash) {
	fmt.Fprintln(serial, "regain: the agent ended:", c.Status)
	if err := os.WriteFile(crashFile, []byte(c.Status+"\n"+c.Tail), 0o600); err != nil {
		fmt.Fprintln(serial, "regain: keep the crash:", err)
	}
	show(line, console.View{Mood: console.Caution, Title: "The agent crashed (" + c.Status + ")",
		Message: "It starts again by itself. The outcome of what it was doing is unknown. " + c.Reason()})
}

// show draws one view while no agent does.
func show(line string, v console.View) {
	c := console.Open(line)
	c.Show(v)
	time.Sleep(time.Second)
	c.Close()
}
