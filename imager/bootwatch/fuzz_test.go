package bootwatch

import (
	"slices"
	"testing"
	"time"
)

// FuzzWatch has a machine do anything in any order: nothing of it may end the
// watch, count backwards, or be called a trouble that nobody knows.
func FuzzWatch(f *testing.F) {
	f.Add([]byte{0, 1, 5, 1, 1, 5, 2, 0, 60})
	f.Add([]byte{8, 2, 1, 8, 2, 1, 255, 0, 0, 8, 2, 1})
	f.Fuzz(func(t *testing.T, script []byte) {
		stages := append(Stages(), "unheard-of")
		askers := []string{"", "firmware", byIPXE, bySystem}
		files := []string{"", fileBIOS, fileIPXE, "shimx64.efi", "//" + fileGRUB}
		archs := []string{"", "BIOS", "UEFI", "UEFI HTTP Boot", "UEFI 32-bit", "ARM UEFI", "architecture 27"}
		uuids := []string{"", idOne, idTwo, "nonsense"}
		var w Watch
		now := start()
		for ; len(script) >= 3; script = script[3:] {
			now = now.Add(time.Duration(script[2]) * time.Second)
			if script[0] == 255 {
				w.Reached()
				continue
			}
			w.See(Event{
				At: now, Stage: stages[int(script[0])%len(stages)], By: askers[int(script[1])%len(askers)],
				File: files[int(script[1]/4)%len(files)], Arch: archs[int(script[0]/16)%len(archs)],
				UUID: uuids[int(script[2]/64)], Detail: "detail",
			})
			if w.Tries() < 0 || w.Began.After(w.At) || w.At.After(now) {
				t.Fatalf("%d tries, began %s, at %s, now %s", w.Tries(), w.Began, w.At, now)
			}
			for _, wait := range []time.Duration{0, time.Hour} {
				if got := w.Trouble(now.Add(wait), script[1]&1 == 0); got != nil && (!slices.Contains(Kinds(), Kind(got.Kind)) || got.Cause == "" || got.Advice == "") {
					t.Fatalf("it says %+v", got)
				}
			}
			if w.Hold().Advice == "" {
				t.Fatal("no advice for who is held")
			}
		}
	})
}
