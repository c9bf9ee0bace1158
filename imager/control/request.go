package control

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"regain.example/agent/api"
	"regain.example/imager"
)

// Bounds of what a machine may say.
const (
	maxDrives    = 128
	maxNICs      = 64
	maxInventory = 256 << 10 // bytes of JSON
	maxText      = 500       // characters of one message
)

func checkRequest(r api.RegisterRequest) error {
	if n, err := hex.DecodeString(r.Nonce); err != nil || len(n) != 16 {
		return fmt.Errorf("register: %w: the nonce is not 32 hex digits", imager.ErrInvalid)
	}
	inv := r.Inventory
	if len(inv.Drives) > maxDrives || len(inv.NICs) > maxNICs || len(r.Holds) > maxDrives {
		return fmt.Errorf("register: %w: %d drives and %d interfaces are more than a machine has", imager.ErrInvalid, len(inv.Drives), len(inv.NICs))
	}
	text, err := json.Marshal(inv)
	if err != nil || len(text) > maxInventory {
		return fmt.Errorf("register: %w: the inventory has %d bytes, more than %d", imager.ErrInvalid, len(text), maxInventory)
	}
	return nil
}

// clean bounds a text that a machine sent, and takes out what could deceive a
// reader: line breaks and control characters.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsPrint(r) && r != ' ' {
			return ' '
		}
		return r
	}, s)
	if r := []rune(s); len(r) > maxText {
		return string(r[:maxText]) + "…"
	}
	return s
}

func drivesPresent(inv api.Inventory) (present []api.Drive) {
	for _, d := range inv.Drives {
		if d.Excluded == "" {
			present = append(present, d)
		}
	}
	return present
}
