package lab

import (
	"fmt"

	"golang.org/x/sys/unix"

	"regain.example/agent/api"
	"regain.example/agent/nvme"
)

// namespace is one namespace of a controller, and a drive of the machine.
type namespace struct {
	controller *Controller
	id         uint32
	spec       Namespace
	v          *volume
	smaller    int64 // bytes that it tells less than it has
	other      bool  // it tells another LBA format
}

func (c *Controller) namespace(id uint32) *namespace {
	if id == 0 || int64(id) > int64(len(c.namespaces)) {
		return nil
	}
	return c.namespaces[id-1]
}

func (n *namespace) node() string { return fmt.Sprintf("nvme%dn%d", n.controller.number, n.id) }

func (n *namespace) volume() *volume { return n.v }
func (n *namespace) gone() bool      { return n.controller.unplugged }
func (n *namespace) written()        { n.controller.log.status &^= globalErased }
func (n *namespace) fua() bool       { return n.spec.Metadata == 0 && n.spec.Protection == 0 }

// blocked: a sanitize that runs or has failed lets no I/O through (Base 2.3
// section 8.1.26.5; Flush is left to the drive there). The kernel makes EIO of
// it.
func (n *namespace) blocked() error {
	n.controller.advance()
	if status := n.controller.sanitizeStatus(); status != 0 {
		return fmt.Errorf("nvme status %03xh: %w", status, unix.EIO)
	}
	return nil
}

// describe tells what the kernel and the drive tell, as drive.Host puts it.
func (n *namespace) describe() (api.Drive, error) {
	c := n.controller
	about, err := nvme.About(inside{c}, n.id)
	if err != nil {
		return api.Drive{}, err
	}
	about.Controller = fmt.Sprintf("nvme%d", c.number)
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	d := api.Drive{
		Node: n.node(), Bus: api.BusNVMe, Model: c.spec.Model, Serial: c.serial, Firmware: c.spec.Firmware,
		Location:  fmt.Sprintf("pci0000:00/0000:00:%02x.0/nvme/ns%d", c.number, n.id),
		SizeBytes: uint64(n.v.medium.size - n.smaller), LogicalSector: uint32(n.v.sector), PhysicalSector: 4096,
		NVMe: &about,
	}
	if n.spec.EUI64 != 0 {
		d.EUI64 = fmt.Sprintf("%016x", n.spec.EUI64)
	} else if n.id > 1 {
		d.WWN = fmt.Sprintf("nvme.lab-%s-%08d", c.serial, n.id)
	}
	return d, nil
}

func (n *namespace) health() api.Health {
	h, err := nvme.ReadHealth(inside{n.controller})
	if err != nil {
		return api.Health{Error: err.Error()}
	}
	return h
}

func (n *namespace) raw() (api.Identify, error) {
	return nvme.RawIdentify(inside{n.controller}, n.id)
}
