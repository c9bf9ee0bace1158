package catalogue

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"regain.example/images/catalogue/inspect"
	"regain.example/images/frames"
	"regain.example/images/manifest"
)

// findings are what the disk itself says, and what is odd about that.
type findings struct {
	sector   uint32
	firmware []manifest.Firmware
	warnings []string
}

// examine holds a raw disk against what is said of it. What cannot work is
// refused; what looks wrong but may be right is a warning.
func examine(r io.ReaderAt, size int64, o Options) (findings, error) {
	disk, err := inspect.Read(r, size)
	if err != nil {
		return findings{}, fmt.Errorf("%w: %w", ErrSource, err)
	}
	f := findings{sector: disk.LogicalSector, firmware: o.Firmware, warnings: disk.Warnings}
	if err := f.checkSector(disk, size, o); err != nil {
		return findings{}, err
	}
	if err := checkGrow(disk, o); err != nil {
		return findings{}, err
	}
	if o.Identity == manifest.IdentityNoCloud {
		if err := checkSeed(disk, o); err != nil {
			return findings{}, err
		}
	}
	return f, f.checkFirmware(inspect.Firmware(r, disk), o)
}

func (f *findings) checkSector(disk inspect.Disk, size int64, o Options) error {
	if o.LogicalSector != 0 {
		if disk.Scheme == inspect.GPT && o.LogicalSector != disk.LogicalSector {
			return fmt.Errorf("%w: its partition table is made for sectors of %d bytes, not %d", ErrSource, disk.LogicalSector, o.LogicalSector)
		}
		f.sector = o.LogicalSector
	}
	if size%int64(f.sector) != 0 {
		return fmt.Errorf("%w: %d bytes are no multiple of its sectors of %d", ErrSource, size, f.sector)
	}
	return nil
}

func checkGrow(disk inspect.Disk, o Options) error {
	if o.Grow == 0 {
		return nil
	}
	p, ok := disk.ByNumber(o.Grow)
	if !ok {
		return fmt.Errorf("%w: it has no partition %d that could grow", ErrSource, o.Grow)
	}
	if last, _ := disk.Last(); last.Number != p.Number {
		return fmt.Errorf("%w: partition %d cannot grow, partition %d lies behind it", ErrSource, o.Grow, last.Number)
	}
	return nil
}

// checkSeed wants exactly one partition for the identity, found as the agent finds
// it: by the label of its file system, else by its own name.
func checkSeed(disk inspect.Disk, o Options) error {
	var labelled, named []inspect.Partition
	for _, p := range disk.Partitions {
		switch {
		case strings.EqualFold(p.Label, "CIDATA"):
			labelled = append(labelled, p)
		case strings.EqualFold(p.Name, "CIDATA"):
			named = append(named, p)
		}
	}
	if len(labelled) == 0 {
		labelled = named
	}
	switch {
	case disk.Scheme != inspect.GPT:
		return fmt.Errorf("%w: identity %s needs a GPT", ErrSource, o.Identity)
	case len(labelled) == 0:
		return fmt.Errorf("%w: identity %s needs a partition labelled CIDATA, and it has none", ErrSource, o.Identity)
	case len(labelled) > 1:
		return fmt.Errorf("%w: more than one partition is labelled CIDATA", ErrSource)
	case labelled[0].Number == o.Grow:
		return fmt.Errorf("%w: the CIDATA partition cannot be the one that grows", ErrSource)
	}
	return nil
}

func (f *findings) checkFirmware(seen []manifest.Firmware, o Options) error {
	if len(o.Firmware) == 0 {
		f.firmware = seen
		if len(seen) == 0 {
			return fmt.Errorf("%w: nothing on it that firmware would boot was found; say for which firmware it is if that is wrong", ErrSource)
		}
	}
	missing := map[manifest.Firmware]string{
		manifest.BIOS:       "no boot code with an active or BIOS boot partition",
		manifest.UEFI:       `no EFI system partition with \EFI\BOOT\BOOTX64.EFI`,
		manifest.SecureBoot: `no signed \EFI\BOOT\BOOTX64.EFI`,
	}
	for _, kind := range o.Firmware {
		if text, known := missing[kind]; known && !slices.Contains(seen, kind) {
			f.warnings = append(f.warnings, fmt.Sprintf("it is said to boot on %s, but %s was found", kind, text))
		}
	}
	return nil
}

// examinePacked examines the raw disk as it reads back from the packed file.
func examinePacked(path string, table []manifest.Frame, o Options) (findings, error) {
	file, err := os.Open(path)
	if err != nil {
		return findings{}, err
	}
	defer file.Close()
	r, err := frames.NewReader(file, table)
	if err != nil {
		return findings{}, err
	}
	defer r.Close()
	return examine(r, r.Size(), o)
}

// check refuses options that no manifest could carry, before minutes of packing: it
// validates the manifest that they would give for a disk of one sector.
func (o Options) check(source string) error {
	f := findings{sector: 512, firmware: o.Firmware}
	if len(f.firmware) == 0 {
		f.firmware = []manifest.Firmware{manifest.BIOS}
	}
	hash := strings.Repeat("0", 64)
	m := f.describe(frames.Packed{
		RawBytes: 512, CompressedBytes: 1 + manifest.SeekTableBytes(1),
		Frames: []manifest.Frame{{Length: 1, Raw: 512, SHA256: hash}},
	}, o)
	m.Provenance = o.provenance(source, hash)
	return m.Validate()
}

func (o Options) provenance(source, sum string) manifest.Provenance {
	return manifest.Provenance{
		Source: strings.ToValidUTF8(filepath.Base(source), "?"), SourceSHA256: sum,
		Created: o.Now.UTC().Format(time.RFC3339), Tool: o.Tool,
	}
}

// describe makes the manifest, but for its provenance.
func (f findings) describe(p frames.Packed, o Options) manifest.Manifest {
	m := manifest.Manifest{
		Schema: manifest.Schema, Name: o.Name, Title: o.Title,
		RawBytes: p.RawBytes, LogicalSector: f.sector, MinDriveBytes: max(o.MinDriveBytes, p.RawBytes),
		Firmware: f.firmware, Grow: o.Grow, Identity: o.Identity, Confirm: o.Confirm,
		CompressedBytes: p.CompressedBytes, Frames: p.Frames,
	}
	if m.Identity == "" {
		m.Identity = manifest.IdentityNone
	}
	if m.Confirm == "" {
		m.Confirm = manifest.ConfirmOperator
		if m.Identity == manifest.IdentityNoCloud {
			m.Confirm = manifest.ConfirmFirstBoot
		}
	}
	return m
}
