package drive

import (
	"fmt"

	"regain.example/agent/api"
	"regain.example/agent/nvme"
)

// Health asks a drive for its condition. What could not be read is told by the
// Error of the result. Only NVMe drives are asked, for now.
func (h *Host) Health(d api.Drive) api.Health {
	if d.NVMe == nil {
		return api.Health{Error: fmt.Sprintf("health of drives on bus %q is not read", d.Bus)}
	}
	var health api.Health
	err := h.asking(d, func(t nvme.Transport) (err error) {
		health, err = nvme.ReadHealth(t)
		return err
	})
	if err != nil {
		return api.Health{Error: err.Error()}
	}
	return health
}

// IdentifyData asks a drive for what it says of itself, raw. For a drive that
// has nothing of the kind the result is empty.
func (h *Host) IdentifyData(d api.Drive) (api.Identify, error) {
	switch {
	case d.NVMe != nil:
		var raw api.Identify
		err := h.asking(d, func(t nvme.Transport) (err error) {
			raw, err = nvme.RawIdentify(t, d.NVMe.NSID)
			return err
		})
		if err != nil {
			return api.Identify{}, fmt.Errorf("identify %s: %w", d.Node, err)
		}
		return raw, nil
	case d.Bus == api.BusATA || d.Bus == api.BusUSB && !d.SerialOfBridge:
		data, err := h.ask.ATAIdentify(d.Node)
		if err != nil {
			return api.Identify{}, err
		}
		return api.Identify{ATA: data}, nil
	}
	return api.Identify{}, nil
}

// asking opens the admin queue of a drive for some questions.
func (h *Host) asking(d api.Drive, ask func(nvme.Transport) error) error {
	t, err := h.Admin(d)
	if err != nil {
		return err
	}
	defer t.Close() //nolint:errcheck // nothing was written through it
	return ask(t)
}
