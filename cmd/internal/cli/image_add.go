package cli

import (
	"context"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"regain.example/images/catalogue"
	"regain.example/images/manifest"
)

const imageAddLong = `
Makes a master image of FILE: a raw disk, one compressed with zstd, or a qcow2
file. It is checked, packed into independent frames, described and signed. A
running controller offers it at once; a profile names it as its image.

What is not said is found out from the disk itself.`

type imageAddFlags struct {
	imageFlags
	name, title, firmware, identity, confirm string
	sector, minimum                          uint64
	grow                                     int
	json, quiet                              bool
}

func imageAddCommand() command {
	var f imageAddFlags
	return command{
		name: "add", args: "FILE", short: "check, pack and sign a master image", long: imageAddLong,
		flags: f.bind,
		run: func(ctx context.Context, p Program, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("%w: give the one file to make an image of", errUsage)
			}
			options, err := f.options(p, args[0])
			if err != nil {
				return err
			}
			c, err := f.open()
			if err != nil {
				return err
			}
			added, err := c.Add(ctx, args[0], options)
			if err != nil {
				return err
			}
			return f.print(p, added)
		},
	}
}

func (f *imageAddFlags) bind(fs *flag.FlagSet) {
	f.imageFlags.bind(fs)
	fs.StringVar(&f.name, "name", "", "`name` of the image, of a-z 0-9 . _ -; none: that of the file")
	fs.StringVar(&f.title, "title", "", "`title` for people")
	fs.Uint64Var(&f.sector, "sector", 0, "`bytes` of a logical sector that the partition table is made for: 512 or 4096; 0: found out")
	fs.Uint64Var(&f.minimum, "min-drive", 0, "least size of a drive in `bytes`; 0: the size of the disk")
	fs.StringVar(&f.firmware, "firmware", "", "`kinds` of firmware it boots on, of bios,uefi,secureboot; none: found out")
	fs.IntVar(&f.grow, "grow", 0, "`number` of the partition, from 1, that grows to the end of the drive; 0: none")
	fs.StringVar(&f.identity, "identity", "", "`how` a machine gets its identity: nocloud or none; none given: none")
	fs.StringVar(&f.confirm, "confirm", "", "`how` it becomes known that it runs: first-boot or operator; none: first-boot if it has an identity")
	fs.BoolVar(&f.quiet, "quiet", false, "show no progress")
	jsonFlag(fs, &f.json)
}

// options are those of the catalogue. What is not an option there is refused
// there.
func (f *imageAddFlags) options(p Program, file string) (catalogue.Options, error) {
	if f.sector != 0 && f.sector != 512 && f.sector != 4096 {
		return catalogue.Options{}, fmt.Errorf("%w: --sector is 512 or 4096", errUsage)
	}
	o := catalogue.Options{
		Name: f.name, Title: f.title, LogicalSector: uint32(f.sector), MinDriveBytes: f.minimum, Grow: f.grow,
		Identity: manifest.Identity(f.identity), Confirm: manifest.Confirm(f.confirm),
		Tool: "regain " + p.Version, Now: time.Now(),
	}
	if o.Name == "" {
		o.Name, _, _ = strings.Cut(strings.ToLower(filepath.Base(file)), ".")
	}
	if f.firmware != "" {
		for kind := range strings.SplitSeq(f.firmware, ",") {
			o.Firmware = append(o.Firmware, manifest.Firmware(strings.TrimSpace(kind)))
		}
	}
	if !f.quiet {
		o.Progress = progressLine(p.Err)
	}
	return o, nil
}

// progressLine shows progress on one line of a terminal or log, at each percent
// or, if the size is not known, at each 256 MiB.
func progressLine(w io.Writer) func(done, total uint64) {
	last := ^uint64(0)
	return func(done, total uint64) {
		step, text := done>>28, fmt.Sprintf("%d MiB", done>>20)
		if total > 0 {
			step = done * 100 / total
			text = fmt.Sprintf("%d %%", step)
		}
		if step != last {
			last = step
			fmt.Fprintf(w, "\rpacking: %s", text)
		}
		if total > 0 && done >= total {
			fmt.Fprintln(w)
		}
	}
}

func (f *imageAddFlags) print(p Program, added catalogue.Added) error {
	for _, warning := range added.Warnings {
		fmt.Fprintf(p.Err, "warning: %s\n", clean(warning))
	}
	m := added.Manifest
	if f.json {
		m.Frames = nil
		return printJSON(p.Out, imageLine{Name: m.Name, Manifest: &m, ManifestSHA256: added.ManifestSHA256})
	}
	_, err := fmt.Fprintf(p.Out, "Image %s is added: disk of %.1f GB, %.1f GB packed, sectors of %d bytes, boots on %s.\n",
		m.Name, float64(m.RawBytes)/1e9, float64(m.CompressedBytes)/1e9, m.LogicalSector, joinFirmware(m.Firmware))
	return err
}
