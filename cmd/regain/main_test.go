package main

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"regain.example/boot/esp/esptest"
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
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"envsubst": expand, "forge": forge, "evidence": evidence, "media": holds},
		Setup: func(env *testscript.Env) error {
			socket := filepath.Join(env.WorkDir, "admin.sock")
			env.Setenv("SOCKET", socket)
			boot := filepath.Join(env.WorkDir, "boot")
			env.Setenv("BOOT", boot)
			if err := errors.Join(os.Mkdir(boot, 0o700), esptest.Write(boot, esptest.Template())); err != nil {
				return err
			}
			l, err := admin.Listen(socket)
			if err != nil {
				return err
			}
			op := imagertest.New(imagertest.At, imagertest.Profiles(), slices.Concat(imagertest.Bench(), imagertest.Erasures(), imagertest.FromStick())...)
			op.SetWithdrawn(imagertest.WithdrawnDrives()...)
			op.SetBoots(imagertest.OnTheWay())
			server := admin.NewServer(op, slog.New(slog.NewTextHandler(os.Stderr, nil)))
			go server.Serve(l)
			env.Defer(func() { server.Close() })
			return nil
		},
	})
}
