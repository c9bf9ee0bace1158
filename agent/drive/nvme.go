package drive

import (
	"path/filepath"
	"regexp"
	"strings"

	"regain.example/agent/api"
	"regain.example/agent/nvme"
)

var nvmeController = regexp.MustCompile(`^nvme\d+$`)

// identifyNVMe takes the identity from sysfs and what the drive can do from the
// drive. It returns false for a namespace of a fabric.
func (h *Host) identifyNVMe(d *api.Drive, block string) bool {
	controllers := nvmeControllers(block)
	for _, c := range controllers {
		if attr(c, "transport") != "pcie" {
			return false
		}
	}
	if len(controllers) == 0 {
		return false
	}
	controller := controllers[0]
	d.Model = attr(controller, "model")
	d.Serial = attr(controller, "serial")
	d.Firmware = attr(controller, "firmware_rev")
	d.NVMe = &api.NVMe{
		Controller: filepath.Base(controller),
		NSID:       uint32(attrUint(block, "nsid")),
	}
	if devices, err := filepath.EvalSymlinks(filepath.Join(h.sys, "devices")); err == nil {
		if at, err := filepath.Rel(devices, controller); err == nil {
			d.Location = location(devices, at) + "/ns" + attr(block, "nsid")
		}
	}
	d.EUI64 = compactHex(attr(block, "eui"))
	d.NGUID = compactHex(attr(block, "nguid"))
	if d.EUI64 == "" && d.NGUID == "" && d.NVMe.NSID > 1 && d.Serial != "" {
		// The kernel makes this name from vendor, serial, model and the
		// namespace's number: it tells a drive's namespaces apart.
		d.WWN = attr(block, "wwid")
	}
	h.askNVMe(d)
	return true
}

// nvmeControllers finds the directories of the controllers through which a
// namespace is reached: a parent of the block device, or for a multipath
// namespace all controllers of its subsystem.
func nvmeControllers(block string) []string {
	if dir := filepath.Dir(block); nvmeController.MatchString(filepath.Base(dir)) {
		return []string{dir}
	}
	names, _ := filepath.Glob(filepath.Join(filepath.Dir(block), "nvme*"))
	var dirs []string
	for _, name := range names {
		if !nvmeController.MatchString(filepath.Base(name)) {
			continue
		}
		if dir, err := filepath.EvalSymlinks(name); err == nil {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// bareControllers lists the NVMe drives that show no namespace and so no disk:
// all were deleted or detached, or the drive has failed. What they still hold
// cannot be reached from here; they are listed, with a size of 0, so that their
// machine does not pass unseen.
func (h *Host) bareControllers() []api.Drive {
	names, _ := filepath.Glob(filepath.Join(h.sys, "class/nvme/nvme*"))
	var bare []api.Drive
	for _, name := range names {
		dir, err := filepath.EvalSymlinks(name)
		if err != nil || attr(dir, "transport") != "pcie" {
			continue
		}
		if namespaces, _ := filepath.Glob(filepath.Join(dir, "nvme*n*")); len(namespaces) > 0 {
			continue
		}
		d := api.Drive{
			Node: filepath.Base(name), Bus: api.BusNVMe, Model: attr(dir, "model"),
			Serial: attr(dir, "serial"), Firmware: attr(dir, "firmware_rev"),
			NVMe: &api.NVMe{Controller: filepath.Base(name)},
		}
		if devices, err := filepath.EvalSymlinks(filepath.Join(h.sys, "devices")); err == nil {
			if at, err := filepath.Rel(devices, dir); err == nil {
				d.Location = location(devices, at)
			}
		}
		bare = append(bare, d)
	}
	return bare
}

// askNVMe fills in what controller and namespace advertise. A drive that does
// not answer advertises nothing, and is then overwritten.
func (h *Host) askNVMe(d *api.Drive) {
	t, err := h.ask.NVMe(d.NVMe.Controller)
	if err != nil {
		return
	}
	defer t.Close()
	about, err := nvme.About(t, d.NVMe.NSID)
	if err != nil {
		return
	}
	about.Controller = d.NVMe.Controller
	d.NVMe = &about
}

// compactHex drops separators, and a name of zeros, which is none.
func compactHex(s string) string {
	s = strings.ToLower(strings.NewReplacer(" ", "", "-", "").Replace(s))
	if strings.Trim(s, "0") == "" {
		return ""
	}
	return s
}
