package lies

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain spares the garbage collector: thousands of drives of memory are made
// and thrown away.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
