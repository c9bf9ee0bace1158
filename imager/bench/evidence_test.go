package bench_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"regain.example/agent/api"
	"regain.example/imager"
)

// TestEvidenceFile: the evidence as it came is a file named by its SHA-256; the
// job holds all of it but the raw identify data.
func TestEvidenceFile(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a, j := erasing(r, "erase", drive(0), drive(1))
		ev := evidence(drive(0))
		ev.IdentifyBefore = &api.Identify{ATA: bytes.Repeat([]byte{7}, 512)}
		ev.IdentifyAfter = &api.Identify{ATA: bytes.Repeat([]byte{8}, 512)}
		a.must(a.send(report(j.ID, ev)))
		r.restart()
		d := r.view(1).Job.Drives[0]
		text, err := r.c.Evidence(t.Context(), d.EvidenceFile)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != d.EvidenceFile {
			t.Errorf("%s is not the hash of the file", d.EvidenceFile)
		}
		var kept api.DriveEvidence
		if err := json.Unmarshal(text, &kept); err != nil || !reflect.DeepEqual(&kept, ev) {
			t.Errorf("the file holds %+v, %v", kept, err)
		}
		if d.Evidence.IdentifyBefore != nil || d.Evidence.IdentifyAfter != nil || !reflect.DeepEqual(d.Evidence.Attempts, ev.Attempts) {
			t.Errorf("the job holds %+v", d.Evidence)
		}
		if _, err := r.c.Evidence(t.Context(), strings.Repeat("0", 64)); !errors.Is(err, imager.ErrNotFound) {
			t.Errorf("evidence of nothing: %v", err)
		}
	})
}

// TestLargeEvidence is judged whole, although the job holds a part of it only.
func TestLargeEvidence(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a, j := erasing(r, "erase", drive(0), drive(1))
		good, bad := evidence(drive(0)), evidence(drive(1))
		for range 1000 {
			good.Attempts[0].Commands = append(good.Attempts[0].Commands, api.Command{Name: "Get Log Page", Opcode: 2})
		}
		for i := range 3000 {
			bad.Attempts[0].Overwrite.WriteErrors = append(bad.Attempts[0].Overwrite.WriteErrors, api.Range{Offset: uint64(i) << 9, Length: 512})
		}
		a.must(a.send(report(j.ID, good), report(j.ID, bad)))
		v := r.view(1)
		if d := v.Job.Drives[0]; d.Outcome != imager.OutcomeErased || len(d.Evidence.Attempts[0].Commands) >= 1000 {
			t.Errorf("drive is %+v", d)
		}
		if d := v.Job.Drives[1]; d.Outcome != imager.OutcomeUnknown || !strings.Contains(d.Reason, "3000") || len(d.Evidence.Attempts[0].Overwrite.WriteErrors) >= 3000 {
			t.Errorf("drive is %+v", d)
		}
		for _, d := range v.Job.Drives {
			if text, err := r.c.Evidence(t.Context(), d.EvidenceFile); err != nil || len(text) < 50000 {
				t.Errorf("the file has %d bytes, %v", len(text), err)
			}
		}
	})
}

// TestHostileEvidence: whatever is sent, the job stays small.
func TestHostileEvidence(t *testing.T) {
	long := strings.Repeat("x", 500<<10)
	for name, spoil := range map[string]func(*api.DriveEvidence){
		"long error":    func(ev *api.DriveEvidence) { ev.Attempts[0].Error = long },
		"long model":    func(ev *api.DriveEvidence) { ev.Before.Model = long },
		"long pattern":  func(ev *api.DriveEvidence) { ev.Attempts[0].Overwrite.Pattern = long },
		"long state":    func(ev *api.DriveEvidence) { ev.Stopped, ev.State = long, long },
		"many attempts": func(ev *api.DriveEvidence) { ev.Attempts = make([]api.Attempt, 9000) },
		"long methods": func(ev *api.DriveEvidence) {
			ev.Attempts = append(ev.Attempts, api.Attempt{Method: api.Method(long), NotRun: long})
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				a, j := erasing(r, "erase", drive(0))
				bad := evidence(drive(0))
				spoil(bad)
				a.must(a.send(report(j.ID, bad)))
				job := r.view(1).Job
				text, err := json.Marshal(job)
				if err != nil || len(text) > 100<<10 {
					t.Errorf("the job has %d bytes, %v", len(text), err)
				}
				if d := job.Drives[0]; name != "long pattern" && d.Outcome == imager.OutcomeErased || d.EvidenceFile == "" {
					t.Errorf("outcome %s, file %q", d.Outcome, d.EvidenceFile)
				}
			})
		})
	}
}

// TestNoRoomForTheEvidenceFile: nothing is acknowledged or judged, and the same
// report succeeds when there is room again.
func TestNoRoomForTheEvidenceFile(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a, j := erasing(r, "erase", drive(0))
		dir := filepath.Join(filepath.Dir(r.file), "evidence")
		if err := os.WriteFile(dir, nil, 0o600); err != nil { // no file can be made in a file
			t.Fatal(err)
		}
		a.seq = 1
		sent := report(j.ID, evidence(drive(0)))
		sent.Seq = 1
		refused(t, a.resend(sent), api.CodeStorage)
		if d := r.view(1).Job.Drives[0]; d.Evidence != nil || d.Outcome != imager.OutcomeUnknown {
			t.Errorf("drive is %+v", d)
		}
		r.state(1, imager.JobErasing)
		if err := os.Remove(dir); err != nil {
			t.Fatal(err)
		}
		a.must(a.resend(sent))
		r.state(1, imager.JobDone)
	})
}

// TestNoRoomForTheRecord: the file is there and nothing cites it; the journal's
// seed, which would be lost, is not told either.
func TestNoRoomForTheRecord(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		disk := r.onDiskThatFills()
		a, j := erasing(r, "erase", drive(0))
		completed := step(j.ID, drive(0), api.MethodOverwrite, api.StageCompleted, 0)
		completed.Seq, a.seq = 1, 1
		disk.full = true
		refused(t, a.resend(completed), api.CodeStorage)
		disk.full = false
		if mentionsSeed(t, a.now()) {
			t.Error("a seed is told that is not on the disk")
		}
		a.must(a.resend(completed))
		if !mentionsSeed(t, a.now()) {
			t.Error("no seed is told")
		}
		sent := report(j.ID, evidence(drive(0)))
		sent.Erase.Attempts[0].Sampling = sampling(a.drive(a.now(), drive(0)), api.MethodOverwrite)
		sent.Seq, a.seq = 2, 2
		disk.full = true
		refused(t, a.resend(sent), api.CodeStorage)
		r.state(1, imager.JobErasing)
		disk.full = false
		a.must(a.resend(sent))
		r.state(1, imager.JobDone)
	})
}

// TestDamagedEvidenceFile is told when somebody asks for it.
func TestDamagedEvidenceFile(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a, j := erasing(r, "erase", drive(0))
		a.erased(j.ID, drive(0))
		name := r.view(1).Job.Drives[0].EvidenceFile
		file := filepath.Join(filepath.Dir(r.file), "evidence", name)
		whole, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, bytes.Replace(whole, []byte("test-1"), []byte("test-2"), 1), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := r.c.Evidence(t.Context(), name); !errors.Is(err, imager.ErrStorage) {
			t.Errorf("damaged evidence was shown: %v", err)
		}
		if err := r.store.Check(); err == nil {
			t.Error("the check finds nothing")
		}
		if err := os.WriteFile(file, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	})
}
