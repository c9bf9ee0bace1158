package esp

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"regain.example/agent/api/cmdline"
)

// ID names the image on a stick, so that the agent that it starts knows the stick
// and does not erase it. It is no secret.
type ID [8]byte

// String returns the ID as it stands on the kernel's command line.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// Stick returns an image to be written to a USB stick. It starts the agent on
// BIOS and UEFI without any parameter but the ID: the agent finds its controller by
// itself. kernel are further kernel parameters, such as "console=ttyS0".
//
// The disk and the file system carry parts of the ID as their own, so that Windows
// does not take two sticks for one and rewrite their boot records.
func (t *Template) Stick(id ID, kernel string) (io.ReadSeeker, error) {
	if id == (ID{}) {
		return nil, errors.New("a stick needs an ID")
	}
	for _, r := range kernel {
		if r < ' ' || r > '~' || strings.ContainsRune("\"'$\\;&|<>{}#", r) {
			return nil, fmt.Errorf("kernel parameters %q: %q cannot be written into GRUB's configuration", kernel, r)
		}
	}
	config, err := t.configured(stickConfig(id, kernel))
	if err != nil {
		return nil, err
	}
	return t.patched(config,
		patch{at: diskIDAt, data: id[:4]},
		patch{at: PartitionStart*sector + volumeIDAt, data: binary.LittleEndian.AppendUint32(nil, binary.BigEndian.Uint32(id[4:]))},
	), nil
}

// stickConfig starts the agent. The ID stands at the end of its line: the agent
// looks for it there (agent/stick).
func stickConfig(id ID, kernel string) string {
	line := strings.Join(strings.Fields(kernel), " ")
	if line != "" {
		line += " "
	}
	params := cmdline.Params{Media: id.String()}
	return strings.Join([]string{
		`echo "Regain: starting from this stick"`,
		"if linux " + Kernel + " " + line + params.String(),
		"then",
		"  initrd " + Initramfs,
		"  boot",
		"fi",
		`echo "Regain: this machine cannot start from the stick (see above). Try another socket,"`,
		`echo "or write the stick again."`,
		"sleep 60",
		"reboot",
		"",
	}, "\n")
}
