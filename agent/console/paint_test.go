package console

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// scenes are the screens that a technician meets, and the hard cases of layout.
func scenes() map[string]View {
	drives := []Bar{
		{Label: "nvme0n1  SAMSUNG MZVLB256HBHQ-000L7  256 GB", State: "reading back", Fraction: 0.42, Rate: 1.9e9},
		{Label: "sda  ST1000LM035-1RK172  1.0 TB", State: "erasing", Fraction: 0.071, Rate: 96e6},
	}
	many := []Bar{}
	for range 14 {
		many = append(many, Bar{Label: "sdx  HGST HUS726040ALS210  4.0 TB", State: "erasing", Fraction: 0.31, Rate: 150e6})
	}
	base := View{Machine: 17, Name: "LENOVO ThinkPad T480s", Footer: "Connected to the controller"}
	with := func(f func(*View)) View { v := base; f(&v); return v }
	return map[string]View{
		"no-network": {Mood: Caution, Title: "No network",
			Message: "No network link: check the cable and the switch. Trying again."},
		"waiting": with(func(v *View) {
			v.Title, v.Message = "Waiting", "Waiting for approval. An operator approves this machine on the progress page."
		}),
		"countdown": with(func(v *View) {
			v.Mood, v.Title, v.Message, v.Countdown = Caution, "All drives will be erased", "Press any key to stop.", 27
		}),
		"working": with(func(v *View) {
			v.Title, v.Message, v.Drives = "Working", "Do not switch the machine off.", drives
		}),
		"lost-connection": with(func(v *View) {
			v.Title, v.Message, v.Drives = "Working", "Do not switch the machine off.", drives
			v.Warning = "No connection to the controller, trying again (connection refused)"
		}),
		"many-drives": with(func(v *View) {
			v.Machine, v.Title, v.Message, v.Drives = 1234, "Working", "Do not switch the machine off.", many
		}),
		"done-green": with(func(v *View) {
			v.Mood, v.Title, v.Message = Green, "Erased and installed", "Unplug the network cable, stick the label, and put the machine on the green shelf."
			v.Footer = "Restart in 10 s"
		}),
		"done-red": with(func(v *View) {
			v.Mood, v.Title, v.Message = Red, "Quarantine", "Drive sda could not be read back. Put the machine on the red shelf; an operator decides."
		}),
		"destroy-one": with(func(v *View) {
			v.Mood, v.Title, v.Message = Red, "Quarantine", destroy(1)
		}),
		"destroy-three": with(func(v *View) {
			v.Mood, v.Title, v.Message = Red, "Quarantine", destroy(3)
		}),
		"destroy-twelve": with(func(v *View) {
			v.Machine, v.Mood, v.Title, v.Message = 1234, Red, "Quarantine", destroy(12)
		}),
	}
}

// destroy is the advice for drives that are beyond the profile's limits.
func destroy(drives int) string {
	var lines []string
	for n := range drives {
		lines = append(lines, fmt.Sprintf("Pull the drive in bay %d (ST1000LM035-1RK172, serial WDES12E%d), seal it in a bag "+
			"and declare it on the progress page: it reports 212 bad sectors.", n+1, n))
	}
	return strings.Join(lines, "\n")
}

func TestPaint(t *testing.T) {
	for name, v := range scenes() {
		t.Run(name, func(t *testing.T) {
			p, err := newPainter(640, 480)
			if err != nil {
				t.Fatal(err)
			}
			img := image.NewRGBA(image.Rect(0, 0, 640, 480))
			p.paint(img, v)
			golden(t, name+".png", img)
		})
	}
}

// golden compares pixels, not bytes: how a PNG is compressed may change.
func golden(t *testing.T, name string, got *image.RGBA) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		var b bytes.Buffer
		if err := png.Encode(&b, got); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if want.Bounds() != got.Bounds() {
		t.Fatalf("size is %v, want %v", got.Bounds(), want.Bounds())
	}
	for y := range got.Rect.Dy() {
		for x := range got.Rect.Dx() {
			wr, wg, wb, _ := want.At(x, y).RGBA()
			gr, gg, gb, _ := got.At(x, y).RGBA()
			if wr != gr || wg != gg || wb != gb {
				t.Fatalf("pixel %d,%d differs from %s: look at it, then go test -update", x, y, path)
			}
		}
	}
}

// BenchmarkPaint is one drawing of the busiest common screen: it takes time from
// the pattern generator.
func BenchmarkPaint(b *testing.B) {
	p, err := newPainter(1280, 800)
	if err != nil {
		b.Fatal(err)
	}
	img, v := image.NewRGBA(image.Rect(0, 0, 1280, 800)), scenes()["working"]
	for b.Loop() {
		p.paint(img, v)
	}
}
