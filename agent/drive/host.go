package drive

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"regain.example/agent/api"
	"regain.example/agent/nvme"
)

// Errors of opening and describing. ErrGone means that the node does not exist
// any more, ErrChanged that another drive stands there now.
var (
	ErrGone    = errors.New("the drive is no longer there")
	ErrChanged = errors.New("another drive stands in its place")
	ErrRefused = errors.New("this device is not a drive that may be erased")
)

// Asker puts questions to the devices themselves.
type Asker interface {
	// ATAIdentify returns the 512 bytes of IDENTIFY DEVICE (ACS-4 section
	// 7.13) of the disk with this node.
	ATAIdentify(node string) ([]byte, error)
	// NVMe opens the admin queue of the controller that the node belongs to.
	NVMe(controller string) (nvme.Transport, error)
}

// Host is where drives are looked for: a sysfs, a directory of device nodes,
// and the devices behind them.
type Host struct {
	sys, dev string
	ask      Asker
}

// Local is this machine.
func Local() *Host { return NewHost("/sys", "/dev", devices{"/dev"}) }

// NewHost returns the host whose sysfs is mounted at sys and whose device nodes
// are in dev.
func NewHost(sys, dev string, ask Asker) *Host { return &Host{sys: sys, dev: dev, ask: ask} }

// Discover lists the physical storage devices on the machine's local buses, in
// order of their nodes. Devices that are no drive to be erased but that a
// certificate should name (optical drives, empty card readers) are listed with
// Excluded set. A device of a bus that is not known is listed with
// api.BusUnknown; Open refuses it, so that its machine does not pass unseen.
func (h *Host) Discover() ([]api.Drive, error) {
	entries, err := os.ReadDir(filepath.Join(h.sys, "block"))
	if err != nil {
		return nil, fmt.Errorf("list block devices: %w", err)
	}
	var drives []api.Drive
	for _, e := range entries {
		d, ok, err := h.describe(e.Name())
		if errors.Is(err, ErrGone) {
			continue // unplugged while we looked
		}
		if err != nil {
			return nil, err
		}
		if ok {
			drives = append(drives, d)
		}
	}
	drives = append(drives, h.bareControllers()...)
	slices.SortFunc(drives, func(a, b api.Drive) int { return strings.Compare(a.Node, b.Node) })
	return drives, nil
}

// Identify describes anew what stands at the node of d.
func (h *Host) Identify(d api.Drive) (api.Drive, error) {
	now, ok, err := h.describe(d.Node)
	switch {
	case err != nil:
		return api.Drive{}, fmt.Errorf("identify %s: %w", d.Node, err)
	case !ok:
		return api.Drive{}, fmt.Errorf("identify %s: %w", d.Node, ErrRefused)
	}
	return now, nil
}

// Admin opens the admin queue of the controller of an NVMe drive.
func (h *Host) Admin(d api.Drive) (nvme.Transport, error) {
	if d.NVMe == nil {
		return nil, fmt.Errorf("open the admin queue of %s: not an NVMe drive", d.Node)
	}
	return h.ask.NVMe(d.NVMe.Controller)
}

// Duplicates lists the identities that more than one of the drives has, and
// those of drives that share a world-wide name. Such drives cannot be told
// apart and must not be erased by identity.
func Duplicates(drives []api.Drive) []api.DriveID {
	seen := map[string]api.DriveID{}
	var twice []api.DriveID
	for _, d := range drives {
		if d.Excluded != "" {
			continue
		}
		for _, name := range []string{"id " + string(d.ID()), d.WWN, d.EUI64, d.NGUID} {
			if strings.Trim(name, "0") == "" {
				continue
			}
			if other, ok := seen[name]; ok {
				twice = append(twice, other, d.ID())
			}
			seen[name] = d.ID()
		}
	}
	slices.Sort(twice)
	return slices.Compact(twice)
}
