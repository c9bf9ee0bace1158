package vbench

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"time"
)

// AwaitConsole returns when text stands on the machine's serial console.
func (m *Machine) AwaitConsole(ctx context.Context, text string) error {
	for {
		b, err := os.ReadFile(m.Console())
		if err != nil && !os.IsNotExist(err) {
			return err
		}
		if bytes.Contains(b, []byte(text)) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %q on the console of %s: %w; it ends in:\n%s", text, m.cfg.Name, ctx.Err(), tail(b, 2000))
		case <-m.Off():
			return fmt.Errorf("wait for %q on the console of %s: %w: it went off; the console ends in:\n%s", text, m.cfg.Name, ErrPower, tail(b, 2000))
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func tail(b []byte, n int) []byte { return b[max(0, len(b)-n):] }
