package firmware

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	efi "github.com/canonical/go-efilib"
)

// attributes of Boot#### and BootOrder (section 3.3, table 3.1).
const attributes = efi.AttributeNonVolatile | efi.AttributeBootserviceAccess | efi.AttributeRuntimeAccess

// store writes the entry, unless it stands there already: flash memory wears.
func store(ctx context.Context, n uint16, option *efi.LoadOption, present []byte) error {
	data, err := option.Bytes()
	if err != nil {
		return fmt.Errorf("encode the boot entry: %w", err)
	}
	if bytes.Equal(data, present) {
		return nil
	}
	if err := efi.WriteVariable(ctx, entryName(n), efi.GlobalVariable, attributes, data); err != nil {
		return fmt.Errorf("%w: write %s: %w", ErrRefused, entryName(n), err)
	}
	return nil
}

// order puts n first in BootOrder and takes the stale entries out. All others
// stay, those too that point nowhere: they are not ours.
func order(ctx context.Context, n uint16, stale []uint16) error {
	old, err := bootOrder(ctx)
	if err != nil {
		return err
	}
	next := []uint16{n}
	for _, o := range old {
		if o != n && !slices.Contains(stale, o) {
			next = append(next, o)
		}
	}
	if slices.Equal(old, next) {
		return nil
	}
	var data []byte
	for _, o := range next {
		data = binary.LittleEndian.AppendUint16(data, o)
	}
	if err := efi.WriteVariable(ctx, "BootOrder", efi.GlobalVariable, attributes, data); err != nil {
		return fmt.Errorf("%w: write BootOrder: %w", ErrRefused, err)
	}
	return nil
}

// bootOrder reads BootOrder; a machine may have none yet. An odd byte at its end
// is dropped.
func bootOrder(ctx context.Context) ([]uint16, error) {
	data, _, err := efi.ReadVariable(ctx, "BootOrder", efi.GlobalVariable)
	if errors.Is(err, efi.ErrVarNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: read BootOrder: %w", ErrUnavailable, err)
	}
	var order []uint16
	for ; len(data) >= 2; data = data[2:] {
		order = append(order, binary.LittleEndian.Uint16(data))
	}
	return order, nil
}

// confirm reads back entry and order: some firmware accepts a write and keeps
// what it had.
func confirm(ctx context.Context, n uint16, option *efi.LoadOption) error {
	want, err := option.Bytes()
	if err != nil {
		return fmt.Errorf("encode the boot entry: %w", err)
	}
	got, _, err := efi.ReadVariable(ctx, entryName(n), efi.GlobalVariable)
	if err != nil {
		return fmt.Errorf("%w: read %s: %w", ErrNotKept, entryName(n), err)
	}
	order, err := bootOrder(ctx)
	if err != nil {
		return err
	}
	if !bytes.Equal(got, want) || len(order) == 0 || order[0] != n {
		return ErrNotKept
	}
	return nil
}
