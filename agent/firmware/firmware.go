// Package firmware makes a UEFI machine start its own drive first.
//
// Source: UEFI Specification 2.10, sections 3.1 (boot manager, load options) and
// 10.3.5.1 (hard drive device path).
package firmware

import (
	"context"
	"errors"
	"fmt"

	efi "github.com/canonical/go-efilib"
)

// Name is the description of the boot entry that this package creates, as shown
// in the firmware's menu. An entry of this name is ours to replace and remove.
const Name = "Regain"

// Loader is the file that the entry starts: the removable media path of x64
// (section 3.5.1.1).
const Loader = `\EFI\BOOT\BOOTX64.EFI`

// Errors of PutFirst. What the firmware itself says is wrapped behind them.
var (
	ErrUnavailable = errors.New("the firmware's variables cannot be reached (is efivarfs mounted?)")
	ErrRefused     = errors.New("the firmware refuses to change its boot entries")
	ErrNotKept     = errors.New("the firmware did not keep the boot entry")
)

// ESP is the EFI system partition that holds the loader.
type ESP struct {
	Number   uint32 // from 1
	FirstLBA uint64
	Blocks   uint64 // in logical sectors
	GUID     [16]byte
}

// PutFirst creates or replaces the entry Name for the loader on esp, puts it
// first in BootOrder and removes other entries of that name. It reads back what
// it wrote and returns the name of the entry, such as "Boot0007". With the name
// comes an error if the entry is first, but another could not be removed.
//
// The machine's efivarfs is used, which must be mounted on
// /sys/firmware/efi/efivars.
func PutFirst(ctx context.Context, esp ESP) (string, error) {
	return putFirst(efi.WithDefaultVarsBackend(ctx), esp)
}

func putFirst(ctx context.Context, esp ESP) (string, error) {
	option := loadOption(esp)
	ours, all, err := entries(ctx)
	if err != nil {
		return "", err
	}
	number, stale, err := place(ours, all)
	if err != nil {
		return "", err
	}
	if err := store(ctx, number, option, all[number]); err != nil {
		return "", err
	}
	if err := order(ctx, number, stale); err != nil {
		return "", err
	}
	if err := confirm(ctx, number, option); err != nil {
		return "", err
	}
	return entryName(number), remove(ctx, stale)
}

// remove deletes the stale entries. It comes last: until then the machine has an
// entry that works.
func remove(ctx context.Context, stale []uint16) error {
	for _, n := range stale {
		// The library's own deletion spells the number in lower case.
		if err := efi.WriteVariable(ctx, entryName(n), efi.GlobalVariable, attributes, nil); err != nil {
			return fmt.Errorf("%w: remove %s: %w", ErrRefused, entryName(n), err)
		}
	}
	return nil
}

// loadOption describes the loader in the short form of a hard drive device path,
// which firmware finds behind any controller.
func loadOption(esp ESP) *efi.LoadOption {
	return &efi.LoadOption{
		Attributes:  efi.LoadOptionActive,
		Description: Name,
		FilePath: efi.DevicePath{
			&efi.HardDriveDevicePathNode{
				PartitionNumber: esp.Number,
				PartitionStart:  esp.FirstLBA,
				PartitionSize:   esp.Blocks,
				Signature:       efi.GUIDHardDriveSignature(esp.GUID),
				MBRType:         efi.GPT,
			},
			efi.FilePathDevicePathNode(Loader),
		},
	}
}

func entryName(n uint16) string { return fmt.Sprintf("Boot%04X", n) }
