package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"regain.example/imager/admin"
	"regain.example/imager/imagertest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"regain": main})
}

// TestScripts runs the command line as people type it, against the socket of a
// controller whose machines are those of imagertest.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:  "testdata",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"envsubst": expand, "forge": forge, "evidence": evidence},
		Setup: func(env *testscript.Env) error {
			socket := filepath.Join(env.WorkDir, "admin.sock")
			env.Setenv("SOCKET", socket)
			l, err := admin.Listen(socket)
			if err != nil {
				return err
			}
			op := imagertest.New(imagertest.At, imagertest.Profiles(), append(imagertest.Bench(), imagertest.Erasures()...)...)
			op.SetWithdrawn(imagertest.WithdrawnDrives()...)
			op.SetBoots(imagertest.OnTheWay())
			server := admin.NewServer(op, slog.New(slog.NewTextHandler(os.Stderr, nil)))
			go server.Serve(l)
			env.Defer(func() { server.Close() })
			return nil
		},
	})
}
