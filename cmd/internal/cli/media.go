package cli

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"os"

	"regain.example/boot/esp"
	"regain.example/cmd/internal/media"
	"regain.example/imager/plan"
)

const mediaLong = `
Writes a USB stick for machines that cannot start from the network, or the image
of one. It starts the agent on BIOS and UEFI, with Secure Boot on or off. There is
no secret on it: any number of sticks may be written, lent and lost. Write sticks
again when Regain is updated.

A machine that it starts needs a network cable all the same. It shows a code,
which is typed where the machine is approved.

Everything on the drive is lost. A drive that is mounted or otherwise in use is
refused, and so is one that is neither removable nor on USB, unless --force says
that it is the right one.`

type mediaFlags struct {
	settings
	out        string
	force, yes bool
}

func mediaCommand() command {
	var f mediaFlags
	return command{
		name: "media", short: "write a USB stick for machines that cannot start from the network", long: mediaLong,
		flags: func(fs *flag.FlagSet) {
			f.bind(fs)
			fs.StringVar(&f.out, "out", "", "`file` to make, or the drive to overwrite, such as /dev/sdb")
			fs.BoolVar(&f.force, "force", false, "replace a file; overwrite a drive that is built in")
			fs.BoolVar(&f.yes, "yes", false, "overwrite the drive without another question")
		},
		run: func(ctx context.Context, p Program, args []string) error {
			if err := noArgs(args); err != nil {
				return err
			}
			if f.out == "" {
				return fmt.Errorf("%w: say with --out where the image goes", errUsage)
			}
			image, size, err := f.image()
			if err != nil {
				return err
			}
			if media.IsDevice(f.out) {
				return f.device(ctx, p, image, size)
			}
			if err := media.WriteFile(ctx, f.out, image, f.force); err != nil {
				return err
			}
			_, err = fmt.Fprintf(p.Out, "%s is made, %s. Write it to a stick as a whole (docs/media.md).\n", f.out, plan.Size(uint64(size)))
			return err
		},
	}
}

// image makes the image with an ID of its own.
func (f *mediaFlags) image() (io.ReadSeeker, int64, error) {
	c, err := f.load()
	if err != nil {
		return nil, 0, err
	}
	root, err := os.OpenRoot(c.BootDir)
	if err != nil {
		return nil, 0, fmt.Errorf("boot directory: %w", err)
	}
	defer root.Close()
	t, err := esp.Open(root)
	if err != nil {
		return nil, 0, err
	}
	var id esp.ID
	rand.Read(id[:]) // never fails
	image, err := t.Stick(id, c.Bench.KernelParameters)
	return image, t.Size(), err
}

// device writes the image to a drive that a person has confirmed.
func (f *mediaFlags) device(ctx context.Context, p Program, image io.ReadSeeker, size int64) error {
	d, err := media.Local().Inspect(f.out)
	if err != nil {
		return err
	}
	if err := d.Check(size, f.force); err != nil {
		return err
	}
	what := fmt.Sprintf("%s (%s, %s)", f.out, orNone(clean(d.Model)), plan.Size(uint64(d.Bytes)))
	if !f.yes {
		fmt.Fprintf(p.Out, "Everything on %s would be lost. Nothing is written yet. If it is the right drive, say so with --yes.\n", what)
		return errConfirm
	}
	if err := media.WriteDevice(ctx, f.out, image); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Out, "%s is written, and what it holds was compared. It may be pulled out.\n", what)
	return err
}

func orNone(model string) string {
	if model == "" {
		return "it tells no model"
	}
	return model
}
