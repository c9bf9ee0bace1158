// Package enrol is how an agent that no boot server started comes to trust a
// controller, and the controller to trust it: by a code on the machine's own
// screen (see api.Enrolment).
package enrol

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"regain.example/agent/api"
)

// Code is what one boot of a machine shows.
type Code struct {
	// Text are api.CodeLength characters of api.CodeAlphabet.
	Text  string `json:"text"`
	Nonce []byte `json:"nonce"`
	// Controller and Pin are what was found first in this boot, and are kept to.
	Controller string `json:"controller"`
	Pin        string `json:"pin"`
}

// Draw draws a code for a controller that showed the key of pin.
func Draw(controller, pin string) Code {
	c := Code{Nonce: make([]byte, api.EnrolNonceBytes), Controller: controller, Pin: pin}
	rand.Read(c.Nonce) // never fails
	draw := make([]byte, api.CodeLength)
	rand.Read(draw)
	for i, b := range draw {
		// 256 is a multiple of 32: each character is as likely as the others.
		draw[i] = api.CodeAlphabet[int(b)%len(api.CodeAlphabet)]
	}
	c.Text = string(draw)
	return c
}

// String is the code as people read it, in two groups.
func (c Code) String() string {
	return c.Text[:api.CodeLength/2] + "-" + c.Text[api.CodeLength/2:]
}

// Load reads the code of this boot from path. It returns an error that wraps
// os.ErrNotExist if none was drawn.
func Load(path string) (Code, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Code{}, err
	}
	var c Code
	if err := json.Unmarshal(data, &c); err != nil {
		return Code{}, fmt.Errorf("read the code of this boot: %w", err)
	}
	if len(c.Text) != api.CodeLength || len(c.Nonce) != api.EnrolNonceBytes || c.Pin == "" || c.Controller == "" {
		return Code{}, errors.New("read the code of this boot: it is not whole")
	}
	return c, nil
}

// Save keeps the code for an agent that is started again after a crash. The file
// lies in memory and ends with the boot.
func (c Code) Save(path string) error {
	data, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return fmt.Errorf("keep the code of this boot: %w", err)
	}
	return os.Rename(path+".new", path)
}
