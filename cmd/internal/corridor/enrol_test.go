package corridor

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/api/cmdline"
	"regain.example/agent/enrol"
	"regain.example/agent/lab"
	"regain.example/agent/link"
	"regain.example/agent/run"
	"regain.example/imager"
	"regain.example/imager/tlskey"
)

// stick is a machine that was started from a stick: it shows a code.
type stick struct {
	*boot
	code enrol.Code
}

// enrols starts the machine from a stick. It finds whoever answers at address.
func (w *workshop) enrols(address string) *stick {
	w.t.Helper()
	w.machine.PowerOn()
	w.boots++
	pin, err := enrol.Pin(w.t.Context(), address)
	if err != nil {
		w.t.Fatal(err)
	}
	s := &stick{code: enrol.Draw(address, pin)}
	s.boot = w.run(cmdline.Params{Controller: address, Pin: pin, MAC: mac}, func(o *link.Options, a *run.Agent) error {
		gate, err := enrol.NewGate(s.code, a)
		if err != nil {
			return err
		}
		o.Listener, o.Enrol = gate, gate.Enrolment()
		return nil
	})
	return s
}

// shows waits until a text stands on the machine's screen.
func (s *stick) shows(text string) {
	s.w.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if v := s.view.Load(); v != nil && strings.Contains(v.Title+"\n"+v.Message, text) {
			return
		}
	}
	s.w.t.Fatalf("the screen does not show %q: %+v", text, s.view.Load())
}

// approveWith types a code where the machine is approved.
func (w *workshop) approveWith(code string) error {
	v := w.until("registered", func(v imager.View) bool { return v.Online })
	a := imager.Approval{Machine: 1, Profile: "erase", Code: code}
	for _, d := range v.Machine.Inventory.Drives {
		a.Drives = append(a.Drives, d.ID())
	}
	_, err := w.control().Approve(w.t.Context(), "alice", a)
	return err
}

// enrolling is a workshop whose controller enrols machines from sticks.
func enrolling(t *testing.T) (*workshop, func() int) {
	t.Helper()
	m := lab.New()
	disk := m.AddATA(lab.ATA{Model: "Disk", Serial: "D1", Firmware: "1", Bytes: size, Sector: 512, WWN: 0x5000c50000000001})
	w := newWorkshop(t, m, eraseOnly())
	pin, err := enrol.Pin(t.Context(), w.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	w.config.Pin = pin
	w.kill()
	w.start()
	return w, disk.Former
}

// TestEnrolment is a whole job of a machine from a stick. The controller is started
// anew between the code and the work.
func TestEnrolment(t *testing.T) {
	w, former := enrolling(t)
	s := w.enrols(w.server.URL)
	s.shows(s.code.String())
	if err := w.approveWith("0000-0000"); !errors.Is(err, imager.ErrInvalid) {
		t.Fatalf("a wrong code: %v", err)
	}
	if err := w.approveWith(strings.ToLower(s.code.Text)); err != nil {
		t.Fatal(err)
	}
	w.kill()
	w.start()
	if v := w.state(imager.JobDone, imager.JobQuarantined); v.Job.State != imager.JobDone || former() != 0 {
		t.Errorf("%s: %s; %d sectors of before are left", v.Job.State, v.Job.Reason, former())
	}
}

// middle is a machine in the middle: it has a key of its own, and passes on all
// that is said, but for what forge changes in the replies.
func (w *workshop) middle(forge func(*http.Response) error) *httptest.Server {
	w.t.Helper()
	target, err := url.Parse(w.server.URL)
	if err != nil {
		w.t.Fatal(err)
	}
	cert, err := tlskey.Open(filepath.Join(w.t.TempDir(), "middle.pem"), "127.0.0.1")
	if err != nil {
		w.t.Fatal(err)
	}
	quiet := slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	m := httptest.NewUnstartedServer(&httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport:      &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
		ModifyResponse: forge, ErrorLog: quiet,
	})
	m.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	m.Config.ErrorLog = quiet
	m.StartTLS()
	w.t.Cleanup(func() { m.CloseClientConnections(); m.Close() })
	return m
}

// TestManInTheMiddle: the right code is typed, and the controller refuses the
// machine, because it sees another key. The machine is then ordered by the one in
// the middle to erase, to install and to show that all is well, and does nothing of
// it. The last part is the control: without the one in the middle the same orders
// are carried out.
func TestManInTheMiddle(t *testing.T) {
	w, former := enrolling(t)
	all := former()
	for _, kind := range []api.OrderKind{api.OrderErase, api.OrderInstall, api.OrderEnd} {
		m := w.middle(forged(w, kind))
		s := w.enrols(m.URL)
		s.shows("foreign device")
		s.shows(s.code.String())
		if err := w.approveWith(s.code.Text); !errors.Is(err, imager.ErrInvalid) || !strings.Contains(err.Error(), "foreign device") {
			t.Errorf("%s: the right code through another key: %v", kind, err)
		}
		if v := w.view(); v.Job != nil {
			t.Errorf("%s: there is the job %+v", kind, v.Job)
		}
		s.off()
		if former() != all {
			t.Fatalf("%s: something was written to the drive", kind)
		}
	}
	before := w.view().Machine.Session
	s := w.enrols(w.server.URL)
	w.until("registered again", func(v imager.View) bool { return v.Machine.Session != before })
	if err := w.approveWith(s.code.Text); err != nil {
		t.Fatal(err)
	}
	w.state(imager.JobDone)
	if former() != 0 {
		t.Error("without the one in the middle nothing was erased: the test proves nothing")
	}
}

// forged puts an order in the place of the controller's.
func forged(w *workshop, kind api.OrderKind) func(*http.Response) error {
	return func(r *http.Response) error {
		if r.Request.URL.Path != "/agent/v1/order" || r.StatusCode != http.StatusOK {
			return nil
		}
		var o api.Order
		if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
			return err
		}
		d := w.machine.Drives()[0]
		o.Kind, o.Proof = kind, bytes.Repeat([]byte{1}, 32)
		switch kind {
		case api.OrderErase:
			o.Erase = &api.EraseOrder{Job: "forged", Drives: []api.DriveOrder{{
				Drive: d.ID(), Methods: []api.Method{api.MethodOverwrite}, Seed: make([]byte, 32), Verify: api.VerifyFull,
			}}}
		case api.OrderInstall:
			o.Install = &api.InstallOrder{Job: "forged", Drive: d.ID(), Image: "debian"}
		case api.OrderEnd:
			o.End = &api.End{Green: true, Verdict: "ERASED", Action: api.EndStay}
		}
		text, err := json.Marshal(o)
		if err != nil {
			return err
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
		r.Header.Del("Content-Length")
		return nil
	}
}
