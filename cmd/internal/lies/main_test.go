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

// thinned reports whether a case is left out, of every several that are alike.
// Only the race detector's run leaves any out: it is many times slower, and looks
// for something else.
func thinned(n, several int) bool { return raced && n%several != 0 }
