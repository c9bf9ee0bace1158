// Package stick finds the USB stick that a machine was started from, so that it is
// not erased: it belongs to the workshop. The stick is known by the GRUB
// configuration on it, which holds the same kernel parameter as this boot.
package stick

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"regain.example/agent/api"
)

// Why is the reason for which the stick is left alone (api.Drive.Excluded).
const Why = "the stick that this machine was started from"

// ErrUnsure: the stick was not found, and a drive that could be it was.
var ErrUnsure = errors.New("it cannot be told whether this is the stick that the machine was started from: plug in that stick as well, or take out this drive")

// searched is how much of a drive is read: the image's configuration lies in its
// first MiB (boot/esp).
const searched = 1 << 20

// Finder looks for the stick of one boot. Its methods are called one at a time.
type Finder struct {
	id       string
	dev, sys string
	seen     api.DriveID // the stick, once it was found in this boot
}

// New returns a finder for the stick that the kernel parameters name
// (cmdline.Params.Media); "" if the machine was not started from one.
func New(id string) *Finder { return &Finder{id: id, dev: "/dev", sys: "/sys"} }

// Mark excludes the stick among drives. If the stick was not found in this boot,
// not even earlier, and there is a drive that could be it, the error wraps
// ErrUnsure: it must neither be erased, nor pass as the stick.
//
// A drive that is built in is never taken for the stick: what it holds must go,
// and the agent runs from memory.
func (f *Finder) Mark(drives []api.Drive) error {
	if f.id == "" {
		return nil
	}
	var could []*api.Drive
	for i := range drives {
		if d := &drives[i]; d.Excluded == "" && f.portable(*d) {
			could = append(could, d)
		}
	}
	for _, d := range could {
		is, err := f.holds(*d)
		switch {
		case is:
			f.seen, d.Excluded = d.ID(), Why
		case err != nil && (f.seen == "" || f.seen == d.ID()):
			return fmt.Errorf("%s %s (%s): %w: %w", d.Model, d.Serial, d.Node, ErrUnsure, err)
		}
	}
	if f.seen == "" && len(could) > 0 {
		return fmt.Errorf("%s %s (%s): %w", could[0].Model, could[0].Serial, could[0].Node, ErrUnsure)
	}
	return nil
}

// portable reports whether d is of a kind that people plug in: the kernel calls
// only some of them removable.
func (f *Finder) portable(d api.Drive) bool {
	if d.Removable || d.Bus == api.BusUSB {
		return true
	}
	// MMC is what is soldered to the board, SD a card (Linux
	// Documentation/driver-api/mmc/mmc-dev-attrs.rst).
	kind, err := os.ReadFile(filepath.Join(f.sys, "block", d.Node, "device/type"))
	return d.Bus == api.BusMMC && err == nil && strings.TrimSpace(string(kind)) == "SD"
}

// holds reports whether the drive carries the configuration of this boot.
func (f *Finder) holds(d api.Drive) (bool, error) {
	file, err := os.Open(filepath.Join(f.dev, d.Node))
	if err != nil {
		return false, err
	}
	defer file.Close()
	head, err := io.ReadAll(io.LimitReader(file, searched))
	// The line's end belongs to it: one ID may be the beginning of another.
	return bytes.Contains(head, []byte("regain.media="+f.id+"\n")), err
}
