package bench_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/bench"
	"regain.example/imager/bolt"
	"regain.example/imager/control"
	"regain.example/images/manifest"
)

// rig is a controller with its agent API over a real store. Its tests run in a
// synctest bubble.
type rig struct {
	t     *testing.T
	file  string
	store *bolt.Store
	c     *control.Controller
	api   http.Handler

	images imageShelf
	config control.Config
}

const (
	mac1  = "00:1b:21:3a:4b:5c"
	uuid1 = "4c4c4544-0042-3510-8052-b4c04f4d3232"
)

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, file: filepath.Join(t.TempDir(), "regain.db"), images: shelf(), config: control.Config{
		Profiles: []imager.Profile{
			{Name: "erase", CountdownSeconds: 30, AtEnd: api.EndStay},
			{Name: "debian", Image: "debian", Hostname: "pc-{number}", CountdownSeconds: 30},
			{Name: "windows", Image: "windows", Hostname: "pc-{number}"},
			{Name: "sticks", ExcludeRemovable: true},
		},
		ImageBaseURL: "http://10.77.0.1/images/", Now: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}}
	r.open()
	t.Cleanup(r.close)
	return r
}

// open starts the controller over what the store holds.
func (r *rig) open() {
	r.t.Helper()
	var err error
	if r.store, err = bolt.Open(r.file); err != nil {
		r.t.Fatal(err)
	}
	if r.config.Secret, err = r.store.Secret("controller", 32); err != nil {
		r.t.Fatal(err)
	}
	if r.c, err = control.New(context.Background(), r.store, &r.images, seed, r.config); err != nil {
		r.t.Fatal(err)
	}
	r.api = bench.Handler(r.c, r.config.Log, time.Now)
}

// close checks the store and closes it; it is done after every test.
func (r *rig) close() {
	r.t.Helper()
	if r.store == nil {
		return
	}
	if err := errors.Join(r.store.Check(), r.store.Close()); err != nil {
		r.t.Error(err)
	}
	r.store = nil
}

// restart is a controller that was killed and started again: its files as they
// were at that moment are all that is left of it.
func (r *rig) restart() {
	r.t.Helper()
	evidence := filepath.Join(filepath.Dir(r.file), "evidence")
	left, err := os.ReadFile(r.file)
	if err != nil {
		r.t.Fatal(err)
	}
	r.close()
	r.file = filepath.Join(r.t.TempDir(), "regain.db")
	if err := os.WriteFile(r.file, left, 0o600); err != nil {
		r.t.Fatal(err)
	}
	if _, err := os.Stat(evidence); err == nil {
		if err := os.CopyFS(filepath.Join(filepath.Dir(r.file), "evidence"), os.DirFS(evidence)); err != nil {
			r.t.Fatal(err)
		}
	}
	r.open()
}

// token is what the boot server puts on the agent's command line.
func (r *rig) token(mac, uuid string) string {
	r.t.Helper()
	d, err := r.c.BootDecision(r.t.Context(), control.BootClient{MAC: mac, UUID: uuid})
	if err != nil || d.Action != control.BootAgent {
		r.t.Fatalf("boot decision: %+v, %v", d, err)
	}
	return d.Token
}

func (r *rig) view(machine int) imager.View {
	r.t.Helper()
	v, err := r.c.Machine(r.t.Context(), machine)
	if err != nil {
		r.t.Fatal(err)
	}
	return v
}

func (r *rig) state(machine int, want imager.JobState) {
	r.t.Helper()
	v := r.view(machine)
	if v.Job == nil || v.Job.State != want {
		r.t.Fatalf("job is %+v, want %s", v.Job, want)
	}
}

// approve approves all drives of a machine.
func (r *rig) approve(machine int, profile string) imager.Job {
	r.t.Helper()
	j, err := r.c.Approve(r.t.Context(), "alice", r.approval(machine, profile))
	if err != nil {
		r.t.Fatal(err)
	}
	return j
}

func (r *rig) approval(machine int, profile string) imager.Approval {
	a := imager.Approval{Machine: machine, Profile: profile}
	for _, d := range r.view(machine).Machine.Inventory.Drives {
		if d.Excluded == "" {
			a.Drives = append(a.Drives, d.ID())
		}
	}
	return a
}

// call makes one request; a reply that is a refusal is returned as *api.Problem.
func (r *rig) call(method, path, bearer string, body, reply any) error {
	var text bytes.Buffer
	if err := json.NewEncoder(&text).Encode(body); err != nil {
		r.t.Fatal(err)
	}
	request := httptest.NewRequestWithContext(r.t.Context(), method, path, &text)
	if bearer != "" {
		request.Header.Set("Authorization", "Bearer "+bearer)
	}
	w := httptest.NewRecorder()
	r.api.ServeHTTP(w, request)
	if w.Code >= 400 {
		p := &api.Problem{}
		if err := json.Unmarshal(w.Body.Bytes(), p); err != nil {
			r.t.Fatalf("%s %s: %d %q is no Problem: %v", method, path, w.Code, w.Body, err)
		}
		return p
	}
	if reply == nil {
		return nil
	}
	return json.Unmarshal(w.Body.Bytes(), reply)
}

// refused fails unless err is a refusal of this code.
func refused(t *testing.T, err error, want api.Code) {
	t.Helper()
	var p *api.Problem
	if !errors.As(err, &p) || p.Code != want || p.Message == "" {
		t.Fatalf("got %v, want a refusal %q with words", err, want)
	}
}

// imageShelf is an Images in memory.
type imageShelf struct {
	images  map[string]manifest.Manifest
	err     error
	rebuilt bool // under the same name
}

func shelf() imageShelf {
	frames := make([]manifest.Frame, 3)
	debian := manifest.Manifest{
		Name: "debian", RawBytes: 3 * manifest.FrameBytes, LogicalSector: 512, MinDriveBytes: 16 << 20, Frames: frames,
		Firmware: []manifest.Firmware{manifest.UEFI}, Identity: manifest.IdentityNoCloud, Confirm: manifest.ConfirmFirstBoot,
	}
	windows := debian
	windows.Name, windows.Identity, windows.Confirm = "windows", manifest.IdentityNone, manifest.ConfirmOperator
	return imageShelf{images: map[string]manifest.Manifest{"debian": debian, "windows": windows}}
}

func (s *imageShelf) Manifest(name string) (manifest.Manifest, string, string, error) {
	m, ok := s.images[name]
	if !ok || s.err != nil {
		return m, "", "", errors.Join(errors.New("no such image"), s.err)
	}
	if s.rebuilt {
		name += " as rebuilt"
	}
	return m, "sha-of-" + name, "key", nil
}

func seed(in control.SeedInput) (map[string][]byte, error) {
	return map[string][]byte{"meta-data": []byte(in.InstanceID + " " + in.Hostname), "call": []byte(in.CallToken)}, nil
}
