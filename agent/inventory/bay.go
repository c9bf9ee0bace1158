package inventory

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"regain.example/agent/api"
)

// bays fills in where a person finds each drive: the slot on the board that it
// hangs on, or the bay of its enclosure.
func (m Machine) bays(drives []api.Drive, slots []slot) {
	inEnclosure := m.enclosureBays()
	for i := range drives {
		d := &drives[i]
		if bay := inEnclosure[d.Node]; bay != "" {
			d.Bay = bay
		} else if bay := m.slotOf(*d, slots); bay != "" {
			d.Bay = bay
		}
	}
}

// slotOf is the designation of the slot that a drive hangs on, the innermost if
// there are several; empty if none is known. A slot in which several drives
// show is named for each: it holds a card.
func (m Machine) slotOf(d api.Drive, slots []slot) string {
	path := pciPath(d)
	best, bay := -1, ""
	for _, s := range slots {
		at := m.slotFunction(s)
		if depth := slices.Index(path, at); at != "" && depth > best {
			best, bay = depth, s.designation
		}
	}
	return bay
}

// enclosureBays maps the nodes of drives to the bays of the SCSI enclosures that
// the ses driver knows (Linux drivers/misc/enclosure.c: a directory for each
// component, with a link "device" to what is in it).
func (m Machine) enclosureBays() map[string]string {
	bays := map[string]string{}
	nodes, _ := filepath.Glob(filepath.Join(m.Sys, "class/enclosure/*/*/device/block/*"))
	for _, node := range nodes {
		component := filepath.Dir(filepath.Dir(filepath.Dir(node)))
		if _, err := os.Stat(node); err == nil {
			bays[filepath.Base(node)] = bayName(filepath.Base(component))
		}
	}
	return bays
}

// bayName makes a name of an enclosure's own: bare numbers say nothing alone.
func bayName(component string) string {
	name := strings.Join(strings.Fields(clean(component)), " ")
	if strings.Trim(name, "0123456789") == "" {
		return "bay " + name
	}
	return name
}
