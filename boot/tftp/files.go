package tftp

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
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
}

// NewBootFiles returns the files of the directory root.
func NewBootFiles(root *os.Root, s script.Server, a script.Agent, d boot.Decider, o boot.Observer) *BootFiles {
	return &BootFiles{root: root, scripts: s, agent: a, decider: d, observer: o}
}

// Open implements Files.
func (b *BootFiles) Open(ctx context.Context, c boot.Client, name string) (io.ReadSeekCloser, error) {
	name = canonical(name)
	switch name {
	case boot.FileBIOS, boot.FileUEFI, boot.FileShim, boot.FileGRUB, boot.FileKernel, boot.FileInitramfs:
		return b.root.Open(name)
	case script.GRUBConfig:
		return b.grub(ctx, c)
	}
	return nil, fs.ErrNotExist
}

// Sent implements Files.
func (b *BootFiles) Sent(c boot.Client, name string) {
	switch canonical(name) {
	case boot.FileBIOS, boot.FileUEFI, boot.FileShim, boot.FileGRUB:
		b.observer.Observe(boot.Sighting{Client: c, Stage: boot.StageLoader, File: name})
	case boot.FileKernel:
		b.observer.Observe(boot.Sighting{Client: c, Stage: boot.StageKernel, File: name})
	case boot.FileInitramfs:
		b.observer.Observe(boot.Sighting{Client: c, Stage: boot.StageInitramfs, File: name})
	case script.GRUBConfig:
		b.observer.Observe(boot.Sighting{Client: c, Stage: boot.StageScript, File: name})
	}
}

// Broken implements Files.
func (b *BootFiles) Broken(c boot.Client, name string, err error) {
	b.observer.Observe(boot.Sighting{Client: c, Stage: boot.StageBroken, File: canonical(name), Detail: err.Error()})
}

func (b *BootFiles) grub(ctx context.Context, c boot.Client) (io.ReadSeekCloser, error) {
	ctx, cancel := context.WithTimeout(ctx, decideTime)
	defer cancel()
	d, err := b.decider.Decide(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("decide what to boot: %w", err)
	}
	text, err := b.scripts.GRUB(d, b.agent.Cmdline(c, d.Token))
	if err != nil {
		return nil, err
	}
	if d.Action == boot.ActionLocalDisk {
		b.observer.Observe(boot.Sighting{Client: c, Stage: boot.StageLocalDisk, Detail: d.Reason})
	}
	return content{bytes.NewReader([]byte(text))}, nil
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
