package bolt

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"regain.example/imager"
	"regain.example/imager/control"
	"regain.example/imager/durable"
)

func keep(t *testing.T, s *Store, text string) string {
	t.Helper()
	name, err := s.KeepEvidence(t.Context(), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// TestEvidenceFile: its name is the SHA-256 of its content (that of "abc" stands
// in FIPS 180-2, appendix B.1), nobody else may read it, and it is written once.
func TestEvidenceFile(t *testing.T) {
	s := store(t)
	name := keep(t, s, "abc")
	if name != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("the name is %s", name)
	}
	file := filepath.Join(s.evidence, name)
	before, err := os.Stat(file)
	if err != nil || before.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", before, err)
	}
	if dir, err := os.Stat(s.evidence); err != nil || dir.Mode().Perm() != 0o700 {
		t.Errorf("directory: %v, %v", dir, err)
	}
	if again := keep(t, s, "abc"); again != name {
		t.Errorf("the same content is now %s", again)
	}
	if after, err := os.Stat(file); err != nil || !os.SameFile(before, after) {
		t.Errorf("it was written again: %v", err)
	}
	if text, err := s.Evidence(t.Context(), name); err != nil || string(text) != "abc" {
		t.Errorf("read %q, %v", text, err)
	}
	entries, err := os.ReadDir(s.evidence)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files, %v", len(entries), err)
	}
}

func TestEvidenceOfAnotherName(t *testing.T) {
	s := store(t)
	for _, name := range []string{"", "x", strings.Repeat("a", 64), strings.Repeat("A", 64), "../" + strings.Repeat("a", 61), strings.Repeat("a", 66)} {
		if _, err := s.Evidence(t.Context(), name); !errors.Is(err, imager.ErrNotFound) {
			t.Errorf("%q: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.KeepEvidence(ctx, []byte("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("kept for nobody: %v", err)
	}
}

// TestDamagedEvidence is told from whole evidence, by a reader and by the check,
// and is put right when the same evidence comes again.
func TestDamagedEvidence(t *testing.T) {
	s := store(t)
	name := keep(t, s, "abc")
	commit(t, s, control.Change{Machine: machine(1), Job: &imager.Job{ID: "J", Machine: 1, Drives: []*imager.JobDrive{{EvidenceFile: name}}}})
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	for what, damage := range map[string]func(string) error{
		"changed": func(f string) error { return os.WriteFile(f, []byte("abd"), 0o600) },
		"cut":     func(f string) error { return os.Truncate(f, 0) },
		"gone":    os.Remove,
	} {
		if err := damage(filepath.Join(s.evidence, name)); err != nil {
			t.Fatal(err)
		}
		want := imager.ErrStorage
		if what == "gone" {
			want = imager.ErrNotFound
		}
		if _, err := s.Evidence(t.Context(), name); !errors.Is(err, want) {
			t.Errorf("%s: %v", what, err)
		}
		if err := s.Check(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: the check says %v", what, err)
		}
		keep(t, s, "abc")
		if text, err := s.Evidence(t.Context(), name); err != nil || string(text) != "abc" {
			t.Errorf("%s, and kept again: %q, %v", what, text, err)
		}
		if err := s.Check(); err != nil {
			t.Errorf("%s, and kept again: the check says %v", what, err)
		}
	}
}

// TestEvidenceNotStored: where no file can be written, the error is one of the
// storage, and nothing half is left.
func TestEvidenceNotStored(t *testing.T) {
	s := store(t)
	if err := os.WriteFile(s.evidence, nil, 0o600); err != nil { // a file where the directory should be
		t.Fatal(err)
	}
	if _, err := s.KeepEvidence(t.Context(), []byte("abc")); !errors.Is(err, imager.ErrStorage) {
		t.Errorf("kept nowhere: %v", err)
	}
	if err := os.Remove(s.evidence); err != nil {
		t.Fatal(err)
	}
	keep(t, s, "abc")
}

// TestHalfWrittenEvidence of a process that was killed is cleared away.
func TestHalfWrittenEvidence(t *testing.T) {
	s := store(t)
	name := keep(t, s, "abc")
	half := filepath.Join(s.evidence, strings.Repeat("b", 64)+".123"+durable.PartSuffix)
	if err := os.WriteFile(half, []byte("ab"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := s.db.Path()
	finish(t, s)
	s = reopen(t, file)
	if _, err := os.Stat(half); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
	if _, err := s.Evidence(t.Context(), name); err != nil {
		t.Error(err)
	}
}

func TestWithdrawnRecords(t *testing.T) {
	s := store(t)
	commit(t, s, control.Change{Machine: machine(1), Withdrawn: &imager.Withdrawn{ID: "A", Machine: 1, Serial: "S"}})
	commit(t, s, control.Change{Withdrawn: &imager.Withdrawn{ID: "B", Machine: 1}})
	if err := s.Commit(t.Context(), control.Change{Withdrawn: &imager.Withdrawn{ID: "A", Machine: 1}}); !errors.Is(err, imager.ErrConflict) {
		t.Errorf("a stale record: %v", err)
	}
	commit(t, s, control.Change{Withdrawn: &imager.Withdrawn{ID: "A", Machine: 1, Serial: "S", Destroyed: &imager.Destruction{Who: "w"}, Version: 1}})
	all, err := s.Withdrawn(t.Context())
	if err != nil || len(all) != 2 || all[0].ID != "A" || all[0].Destroyed == nil || all[0].Version != 2 {
		t.Errorf("%+v, %v", all, err)
	}
}
