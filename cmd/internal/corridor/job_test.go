package corridor

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"regain.example/agent/api"
	"regain.example/agent/lab"
	"regain.example/imager"
	"regain.example/imager/rejudge"
)

const size = 256 << 10

// mixed is a machine with an NVMe drive that sanitizes, one with two namespaces
// that forgets keys, and a disk that can only be overwritten.
func mixed() (m *lab.Machine, former func() int) {
	m = lab.New()
	block := m.AddNVMe(lab.NVMe{Model: "Block", Serial: "B1", Firmware: "1", OACS: 1 << 1, SANICAP: 1 << 1,
		Namespaces: []lab.Namespace{{Bytes: size, Sector: 512, EUI64: 1}}, SanitizeReadings: 1})
	crypto := m.AddNVMe(lab.NVMe{Model: "Crypto", Serial: "C1", Firmware: "1", OACS: 1 << 1, FNA: 1 << 2, SANICAP: 1 << 0,
		Namespaces: []lab.Namespace{{Bytes: size, Sector: 512, EUI64: 2}, {Bytes: size, Sector: 4096, EUI64: 3}}, SanitizeReadings: 1})
	disk := m.AddATA(lab.ATA{Model: "Disk", Serial: "D1", Firmware: "1", Bytes: size, Sector: 512, WWN: 0x5000c50000000001})
	return m, func() int { return block.Former() + crypto.Former() + disk.Former() }
}

// put writes text to the beginning of a drive.
func (w *workshop) put(d api.Drive, text string) (err error) {
	dev, err := w.machine.Open(d)
	if err != nil {
		return err
	}
	defer func() { err = firstError(err, dev.Close()) }()
	block := bytes.Repeat([]byte(text), 4096)[:4096]
	if _, err := dev.WriteAt(aligned(block), 0); err != nil {
		return err
	}
	return dev.Flush()
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// TestErasure is one job over all kinds of drives, from power-on to the verdict,
// and what anybody can judge again from its files.
func TestErasure(t *testing.T) {
	m, former := mixed()
	w := newWorkshop(t, m, eraseOnly())
	w.on()
	if former() == 0 {
		t.Fatal("the drives hold nothing to erase")
	}
	w.approve("erase")
	v := w.state(imager.JobDone, imager.JobQuarantined)
	if v.Job.State != imager.JobDone || former() != 0 {
		t.Fatalf("%s: %s; %d sectors of before are left", v.Job.State, v.Job.Reason, former())
	}
	files := rejudge.Files{}
	for _, d := range v.Job.Drives {
		if d.Journal == nil || d.Journal.Stage != api.StageCompleted || len(d.SampleSeed) != 32 || d.Level == "" || d.Proof == "" {
			t.Errorf("the record of %s is %+v", d.ID, d)
		}
		if d.Evidence.IdentifyBefore != nil {
			t.Errorf("the record of %s holds raw data", d.ID)
		}
		text, err := w.control().Evidence(t.Context(), d.EvidenceFile)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != d.EvidenceFile {
			t.Errorf("the file of %s is not what its name says", d.ID)
		}
		var whole api.DriveEvidence
		if err := json.Unmarshal(text, &whole); err != nil || whole.IdentifyBefore == nil {
			t.Errorf("the file of %s holds no raw data, %v", d.ID, err)
		}
		files.Add(text)
	}
	again, err := rejudge.Job(*v.Job, files)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range again {
		if !r.Agrees || r.Recorded {
			t.Errorf("judged again, %s is %+v", r.Drive.ID, r)
		}
	}
}

// TestInstallationTriedAgain: after a failed installation and a new start, the
// drives that hold no image are looked at again, and never erased again.
func TestInstallationTriedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		meddle bool
		want   imager.JobState
	}{"as they were": {false, imager.JobInstalled}, "with something written": {true, imager.JobQuarantined}} {
		t.Run(name, func(t *testing.T) {
			m, former := mixed()
			w := newWorkshop(t, m, imager.Profile{Name: "debian", Image: "debian", Hostname: "pc-{number}"})
			w.failInstall.Store(true)
			b := w.on()
			w.approve("debian")
			v := w.state(imager.JobInstallFailed, imager.JobQuarantined)
			if v.Job.State != imager.JobInstallFailed || !strings.Contains(v.Job.Reason, "the image server is gone") {
				t.Fatalf("%s: %s", v.Job.State, v.Job.Reason)
			}
			attempts := fmt.Sprint(evidenceFiles(v))
			b.off()
			w.failInstall.Store(false)
			m.PowerOn()
			if c.meddle {
				for _, d := range m.Drives() {
					if d.ID() == v.Job.System {
						continue
					}
					if err := w.put(d, "somebody was here"); err != nil {
						t.Fatal(err)
					}
				}
			}
			w.onAgain()
			if err := w.control().Retry(t.Context(), "alice", 1); err != nil {
				t.Fatal(err)
			}
			v = w.state(imager.JobInstalled, imager.JobQuarantined)
			if v.Job.State != c.want || former() != 0 || fmt.Sprint(evidenceFiles(v)) != attempts {
				t.Errorf("%s: %s; %d sectors of before are left", v.Job.State, v.Job.Reason, former())
			}
			for _, d := range v.Job.Drives {
				if looked := d.Recheck != nil && d.Recheck.Evidence != nil; looked == (d.ID == v.Job.System) {
					t.Errorf("drive %s, system drive %v, was looked at again: %v", d.ID, d.ID == v.Job.System, looked)
				}
			}
		})
	}
}

// TestLiars: a drive that erases nothing is not erased, and one whose content comes
// back with the power is caught by the look before an installation is tried again.
func TestLiars(t *testing.T) {
	liar := func(l lab.Lies) *lab.Machine {
		m := lab.New()
		m.AddATA(lab.ATA{Model: "Disk", Serial: "D1", Firmware: "1", Bytes: size / 2, Sector: 512, WWN: 0x5000c50000000001})
		c := m.AddNVMe(lab.NVMe{Model: "Liar", Serial: "L1", Firmware: "1", OACS: 1 << 1, SANICAP: 1 << 1,
			Namespaces: []lab.Namespace{{Bytes: size, Sector: 512, EUI64: 1}}})
		c.Lies = l
		return m
	}
	quarantined := func(t *testing.T, v imager.View) {
		t.Helper()
		if v.Job.State != imager.JobQuarantined || !strings.Contains(v.Job.Reason, "L1") || strings.Contains(v.Job.Reason, "D1") {
			t.Errorf("%s: %s", v.Job.State, v.Job.Reason)
		}
	}
	t.Run("erases nothing", func(t *testing.T) {
		w := newWorkshop(t, liar(lab.Lies{EraseNothing: true}), eraseOnly())
		w.on()
		w.approve("erase")
		quarantined(t, w.state(imager.JobDone, imager.JobQuarantined))
	})
	t.Run("restores at power-on", func(t *testing.T) {
		w := newWorkshop(t, liar(lab.Lies{RestoreAtPowerOn: true}), imager.Profile{Name: "debian", Image: "debian", Hostname: "pc-{number}"})
		w.failInstall.Store(true)
		b := w.on()
		j := w.approve("debian")
		if j.System != j.Drives[0].ID {
			t.Fatalf("the liar is the system drive: %s", j.System)
		}
		w.state(imager.JobInstallFailed)
		b.off()
		w.failInstall.Store(false)
		w.onAgain()
		if err := w.control().Retry(t.Context(), "alice", 1); err != nil {
			t.Fatal(err)
		}
		quarantined(t, w.state(imager.JobInstalled, imager.JobQuarantined))
	})
}

func evidenceFiles(v imager.View) (files []string) {
	for _, d := range v.Job.Drives {
		files = append(files, d.EvidenceFile)
	}
	return files
}
