package corridor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/lab"
	"regain.example/imager"
	"regain.example/imager/bench"
	"regain.example/imager/bolt"
	"regain.example/imager/control"
	"regain.example/images/manifest"
)

const (
	mac  = "00:1b:21:3a:4b:5c"
	uuid = "4c4c4544-0042-3510-8052-b4c04f4d3232"
	// patience is how long a step of a job may take on a busy machine.
	patience = 2 * time.Minute
)

// workshop is a controller and one machine of the laboratory.
type workshop struct {
	t       *testing.T
	machine *lab.Machine
	server  *httptest.Server
	boots   int

	file   string
	config control.Config
	up     atomic.Pointer[controller] // nil while it is down
	// failInstall makes installations go wrong.
	failInstall atomic.Bool
}

// controller is one process of the controller.
type controller struct {
	*control.Controller
	store *bolt.Store
	api   http.Handler
}

func newWorkshop(t *testing.T, m *lab.Machine, profiles ...imager.Profile) *workshop {
	t.Helper()
	w := &workshop{t: t, machine: m, file: filepath.Join(t.TempDir(), "regain.db")}
	w.config = control.Config{Profiles: profiles, ImageBaseURL: "http://images/", Grace: time.Millisecond,
		Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	w.start()
	w.server = httptest.NewUnstartedServer(http.HandlerFunc(w.serve))
	w.server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	w.server.StartTLS()
	t.Cleanup(func() {
		w.server.CloseClientConnections()
		w.server.Close()
		w.kill()
		w.check()
	})
	return w
}

func (w *workshop) start() {
	w.t.Helper()
	w.check()
	store, err := bolt.Open(w.file)
	if err != nil {
		w.t.Fatal(err)
	}
	if w.config.Secret, err = store.Secret("controller", 32); err != nil {
		w.t.Fatal(err)
	}
	c, err := control.New(context.WithoutCancel(w.t.Context()), store, shelf{}, seed, w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	w.up.Store(&controller{c, store, bench.Handler(c, w.config.Log, w.faster())})
}

// check looks at the store that a controller left, while nobody writes to it.
func (w *workshop) check() {
	w.t.Helper()
	store, err := bolt.Open(w.file)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := errors.Join(store.Check(), store.Close()); err != nil {
		w.t.Error(err)
	}
}

// kill ends the controller amid whatever it does: requests under way find that
// their store is closed.
func (w *workshop) kill() {
	w.t.Helper()
	if err := w.up.Swap(nil).store.Close(); err != nil {
		w.t.Error(err)
	}
}

func (w *workshop) serve(rw http.ResponseWriter, r *http.Request) {
	if c := w.up.Load(); c != nil {
		c.api.ServeHTTP(rw, r)
		return
	}
	http.Error(rw, "down", http.StatusBadGateway)
}

func (w *workshop) control() *control.Controller { return w.up.Load().Controller }

// faster is a clock for the bound of requests: the boots of a day come within
// seconds here.
func (w *workshop) faster() func() time.Time {
	began := time.Now()
	return func() time.Time { return began.Add(100 * time.Since(began)) }
}

func (w *workshop) view() imager.View {
	w.t.Helper()
	v, err := w.control().Machine(context.WithoutCancel(w.t.Context()), 1)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// until waits for something to be true of the machine.
func (w *workshop) until(what string, is func(imager.View) bool) imager.View {
	w.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if v, err := w.control().Machine(w.t.Context(), 1); err == nil && is(v) {
			return v
		}
	}
	v := w.view()
	w.t.Fatalf("it did not come to this: %s; the machine waits for %q, blocked by %q, job %+v", what, v.Waiting, v.Blocked, v.Job)
	return v
}

func (w *workshop) state(want ...imager.JobState) imager.View {
	w.t.Helper()
	return w.until(fmt.Sprint(want), func(v imager.View) bool {
		for _, s := range want {
			if v.Job != nil && v.Job.State == s {
				return true
			}
		}
		return false
	})
}

// onAgain starts the machine anew, and returns when its new agent has registered.
func (w *workshop) onAgain() *boot {
	w.t.Helper()
	before := w.view().Machine.Session
	b := w.on()
	w.until("registered again", func(v imager.View) bool { return v.Machine.Session != before })
	return b
}

// approve approves all drives of the machine once it has registered.
func (w *workshop) approve(profile string) imager.Job {
	w.t.Helper()
	v := w.until("registered", func(v imager.View) bool { return v.Online })
	a := imager.Approval{Machine: 1, Profile: profile}
	for _, d := range v.Machine.Inventory.Drives {
		a.Drives = append(a.Drives, d.ID())
	}
	j, err := w.control().Approve(w.t.Context(), "alice", a)
	if err != nil {
		w.t.Fatal(err)
	}
	return j
}

func shelfImage() manifest.Manifest {
	return manifest.Manifest{
		Name: "debian", RawBytes: 3 << 10, LogicalSector: 512, MinDriveBytes: 16 << 10, Frames: make([]manifest.Frame, 3),
		Firmware: []manifest.Firmware{manifest.UEFI}, Identity: manifest.IdentityNone, Confirm: manifest.ConfirmOperator,
	}
}

// shelf has one image.
type shelf struct{}

func (shelf) Manifest(name string) (manifest.Manifest, string, string, error) {
	return shelfImage(), "sha-of-" + name, "key", nil
}

func seed(control.SeedInput) (map[string][]byte, error) { return nil, nil }

func inventory(m *lab.Machine) api.Inventory {
	return api.Inventory{
		System:   api.System{UUID: uuid, Manufacturer: "Dell Inc.", Product: "OptiPlex 7050", Serial: "B5R5M22"},
		Firmware: api.Firmware{Kind: api.FirmwareUEFI},
		NICs:     []api.NIC{{Name: "eth0", MAC: mac, Bus: "pci", Boot: true}},
		Drives:   m.Drives(),
	}
}
