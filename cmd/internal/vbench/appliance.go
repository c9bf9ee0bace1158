package vbench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"regain.example/imager/admin"
)

// ApplianceConfig says what controller stands on a wire.
type ApplianceConfig struct {
	Binary  string // the regain program
	Dir     string // for configuration, state, socket and log
	BootDir string // what machines boot
	// Master is a state directory whose images, and the key that signed them,
	// the controller offers; "" for none.
	Master string
	// Bench are further lines of the configuration's table [bench].
	Bench string
	// Settings are further lines of the configuration file's top level and
	// its tables, profiles for one.
	Settings string
	// Kernel parameters of the agent.
	Kernel string
	// Grace is the session grace; 0 for the program's own.
	Grace time.Duration
}

// Appliance is the controller on a wire. Its state outlives its process.
type Appliance struct {
	cfg    ApplianceConfig
	wire   *Wire
	page   net.Listener // on the host's loopback
	proc   *Process
	client *admin.Client

	mu      sync.Mutex
	welcome string
}

// NewAppliance prepares a controller; Start starts it.
func (w *Wire) NewAppliance(cfg ApplianceConfig) (*Appliance, error) {
	state := filepath.Join(cfg.Dir, "state")
	if err := os.MkdirAll(state, 0o700); err != nil {
		return nil, err
	}
	if cfg.Master != "" {
		if err := share(cfg.Master, state); err != nil {
			return nil, fmt.Errorf("take the master images of %s: %w", cfg.Master, err)
		}
	}
	page, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("offer the page: %w", err)
	}
	a := &Appliance{cfg: cfg, wire: w, page: page}
	a.client = admin.NewClient(a.socket())
	if err := os.WriteFile(a.configFile(), []byte(a.config(state)), 0o600); err != nil {
		return nil, errors.Join(err, page.Close())
	}
	return a, nil
}

func (a *Appliance) socket() string     { return filepath.Join(a.cfg.Dir, "admin.sock") }
func (a *Appliance) configFile() string { return filepath.Join(a.cfg.Dir, "regain.toml") }

// Log is the file that holds the controller's log.
func (a *Appliance) Log() string { return filepath.Join(a.cfg.Dir, "controller.log") }

// StateDir is the controller's state directory.
func (a *Appliance) StateDir() string { return filepath.Join(a.cfg.Dir, "state") }

// Client speaks to the controller as the command line does.
func (a *Appliance) Client() *admin.Client { return a.client }

// URL is the address of the progress page.
func (a *Appliance) URL() string { return "https://" + a.page.Addr().String() + "/" }

// Welcome is the one-time link that makes the first account; "" until it was
// printed.
func (a *Appliance) Welcome() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.welcome
}

// kernel is every agent's. Without no_timer_check a kernel panics at its start
// ("IO-APIC + timer doesn't work") where QEMU's emulated processor gets less than
// a few ticks in time, as on a busy host.
const kernel = "console=ttyS0 no_timer_check"

func (a *Appliance) config(state string) string {
	grace := ""
	if a.cfg.Grace > 0 {
		grace = fmt.Sprintf("session_grace = %q\n", a.cfg.Grace)
	}
	return fmt.Sprintf("state_dir = %q\nboot_dir = %q\n[bench]\ninterface = %q\naddress = %q\nkernel_parameters = %q\n%s%s[admin]\nsocket = %q\n%s",
		state, a.cfg.BootDir, Bridge, Address, strings.TrimSpace(kernel+" "+a.cfg.Kernel), grace, a.cfg.Bench, a.socket(), a.cfg.Settings)
}

// Start starts the controller and returns when it answers.
func (a *Appliance) Start(ctx context.Context) error {
	log, err := os.OpenFile(a.Log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	page, err := a.page.(*net.TCPListener).File()
	if err != nil {
		return fmt.Errorf("hand over the page: %w", err)
	}
	defer page.Close()
	cmd := exec.Command(a.cfg.Binary, "serve", "--config", a.configFile())
	cmd.Env = append(os.Environ(), "LISTEN_FDS=1", "LISTEN_FDNAMES=admin")
	cmd.ExtraFiles = []*os.File{page}
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if a.proc, err = a.wire.Start(cmd); err != nil {
		return err
	}
	go a.read(out)
	return a.answers(ctx)
}

// read looks through what the controller prints for the one-time link.
func (a *Appliance) read(out io.Reader) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.Contains(lines.Text(), "/welcome/") {
			a.mu.Lock()
			a.welcome = strings.TrimSpace(lines.Text())
			a.mu.Unlock()
		}
	}
}

func (a *Appliance) answers(ctx context.Context) error {
	for {
		_, err := a.client.Machines(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-a.proc.Done():
			b, _ := os.ReadFile(a.Log())
			return fmt.Errorf("the controller ended: %w; its log ends in:\n%s", a.proc.Err(), tail(b, 2000))
		case <-ctx.Done():
			return fmt.Errorf("wait for the controller: %w (%w)", ctx.Err(), err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Kill ends the controller as a crash or a power cut would.
func (a *Appliance) Kill() { a.proc.Kill() }

// Stop ends the controller as an administrator does.
func (a *Appliance) Stop(ctx context.Context) error {
	a.proc.Signal(syscall.SIGTERM)
	return a.proc.Wait(ctx)
}

// Close ends the controller, if it runs, and takes the page's address away.
func (a *Appliance) Close() error {
	if a.proc != nil {
		a.proc.Kill()
	}
	return a.page.Close()
}
