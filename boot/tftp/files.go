package tftp

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"regain.example/boot"
	"regain.example/boot/script"
)

// decideTime bounds the question to the Decider.
const decideTime = 5 * time.Second

// BootFiles serves the loaders, kernel and initramfs of one directory, and a
// GRUB configuration made for the machine that asks.
type BootFiles struct {
	root     *os.Root
	scripts  script.Server
	agent    script.Agent
	decider  boot.Decider
	observer boot.Observer
	log      *slog.Logger

	mu sync.Mutex
	// told is what the configurations under way tell their machines, by MAC
	// address. There are no more than leases.
	told map[string]boot.Decision
}

// NewBootFiles returns the files of the directory root.
func NewBootFiles(root *os.Root, s script.Server, a script.Agent, d boot.Decider, o boot.Observer, log *slog.Logger) *BootFiles {
	return &BootFiles{root: root, scripts: s, agent: a, decider: d, observer: o, log: log, told: map[string]boot.Decision{}}
}

// Open implements Files.
func (b *BootFiles) Open(ctx context.Context, c boot.Client, name string) (io.ReadSeekCloser, error) {
	name = canonical(name)
	switch name {
	case boot.FileBIOS, boot.FileUEFI, boot.FileShim, boot.FileGRUB, boot.FileKernel, boot.FileInitramfs:
		return b.root.Open(name)
	case script.GRUBConfig:
		return b.grub(ctx, c, b.scripts.GRUB)
	case script.GRUBAgain:
		return b.grub(ctx, c, b.scripts.GRUBOnce)
	}
	return nil, fs.ErrNotExist
}

// Sent implements Files.
func (b *BootFiles) Sent(c boot.Client, name string) {
	name = canonical(name)
	s := boot.Sighting{Client: c, Chain: chainOf(name), File: name}
	switch name {
	case boot.FileBIOS, boot.FileUEFI, boot.FileShim, boot.FileGRUB:
		s.Stage = boot.StageLoader
	case boot.FileKernel:
		s.Stage = boot.StageKernel
	case boot.FileInitramfs:
		s.Stage = boot.StageInitramfs
	case script.GRUBConfig, script.GRUBAgain:
		s.Stage = boot.StageScript
	}
	b.observer.Observe(s)
	if s.Stage == boot.StageScript {
		b.ends(c, s)
	}
}

// Broken implements Files.
func (b *BootFiles) Broken(c boot.Client, name string, err error) {
	name = canonical(name)
	b.take(c)
	b.observer.Observe(boot.Sighting{Client: c, Stage: boot.StageBroken, Chain: chainOf(name), File: name, Detail: err.Error()})
}

// ends reports where the way to the agent ends with a configuration.
func (b *BootFiles) ends(c boot.Client, s boot.Sighting) {
	d, known := b.take(c)
	if stage := d.End(); known && stage != "" {
		s.Stage, s.Detail = stage, d.Reason
		b.observer.Observe(s)
	}
}

func (b *BootFiles) take(c boot.Client) (boot.Decision, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	d, known := b.told[c.MAC.String()]
	delete(b.told, c.MAC.String())
	return d, known
}

func (b *BootFiles) grub(ctx context.Context, c boot.Client, config func(boot.Decision, string) (string, error)) (io.ReadSeekCloser, error) {
	ctx, cancel := context.WithTimeout(ctx, decideTime)
	defer cancel()
	d, err := b.decider.Decide(ctx, c)
	if err != nil { // GRUB without a configuration would stop at its prompt
		b.log.Error("decision on what to boot", "machine", c.MAC.String(), "err", err)
		d = boot.Undecided()
	}
	text, err := config(d, b.agent.Cmdline(c, d.Token))
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.told[c.MAC.String()] = d
	return content{bytes.NewReader([]byte(text))}, nil
}

// chainOf is the chain to which a file belongs. Only GRUB fetches kernel and
// initramfs by TFTP.
func chainOf(name string) boot.Chain {
	switch name {
	case boot.FileBIOS, boot.FileUEFI:
		return boot.ChainIPXE
	}
	return boot.ChainShim
}

// canonical takes the slashes off that some loaders put before a name: shim
// asks for "//grubx64.efi" and some ROMs for "/undionly.kpxe". The result is
// compared with a list; it is never a path.
func canonical(name string) string {
	return strings.TrimLeft(name, `/\`)
}

type content struct{ *bytes.Reader }

// Close does nothing; the content is in memory.
func (content) Close() error { return nil }
