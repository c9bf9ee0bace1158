package install

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"regain.example/agent/api"
	"regain.example/images/manifest"
)

// try runs a job and keeps the error's type.
func try(ctx context.Context, job Job) (ev api.InstallEvidence, err error) {
	err = run(ctx, job, &ev)
	return ev, err
}

func TestDriveFault(t *testing.T) {
	const frame2 = 2 * manifest.FrameBytes
	dropped := func(off int64, p []byte) ([]byte, error) {
		if off == frame2 {
			return nil, nil
		}
		return p, nil
	}
	short := func(off int64, p []byte) ([]byte, error) {
		if off == frame2 {
			return p[:512], nil
		}
		return p, nil
	}
	for _, c := range []struct {
		name       string
		fault      func(*memDrive)
		want       error
		text       string
		mismatches []int
		flushed    bool
	}{
		{"write refused", func(d *memDrive) {
			d.onWrite = func(off int64, p []byte) ([]byte, error) {
				if off == frame2 {
					return nil, errMedium
				}
				return p, nil
			}
		}, errMedium, "failed to write at byte 8388608", nil, false},
		{"write cut short", func(d *memDrive) { d.onWrite = short }, nil, "short write", nil, false},
		{"flush refused", func(d *memDrive) { d.onFlush = func() error { return errMedium } }, errMedium, "did not confirm", nil, false},
		{"read refused", func(d *memDrive) { d.onRead = func(int64, []byte) error { return errMedium } }, errMedium, "failed to read at byte", nil, true},
		{"write claimed and wrong", func(d *memDrive) {
			d.onWrite = func(off int64, p []byte) ([]byte, error) {
				if off == frame2 {
					p[4000000] ^= 1
				}
				return p, nil
			}
		}, ErrMismatch, "1 of 6 frames", []int{2}, true},
		{"reads come back wrong", func(d *memDrive) {
			d.onRead = func(off int64, p []byte) error {
				if off == 0 || off == 4*manifest.FrameBytes {
					p[0] ^= 0x80
				}
				return nil
			}
		}, ErrMismatch, "2 of 6 frames", []int{0, 4}, true},
		{"write dropped", func(d *memDrive) { d.onWrite = dropped }, nil, "short write", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			job, dev := smallJob(t, smallImage(t, nil), nil)
			c.fault(dev)
			ev, err := try(context.Background(), job)
			if err == nil || (c.want != nil && !errors.Is(err, c.want)) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("error %v, want %v with %q", err, c.want, c.text)
			}
			if ev.Flushed != c.flushed || !slices.Equal(ev.Mismatches, c.mismatches) || ev.BootEntry != "" {
				t.Errorf("evidence %+v", ev)
			}
		})
	}
}

// A skipped zero frame is read back as well: if the drive was not zero after all,
// the check catches it.
func TestSkippedFrameIsChecked(t *testing.T) {
	job, dev := smallJob(t, smallImage(t, nil), nil)
	job.ZeroRead = true // which is a lie: the drive is full of 0xa5
	ev, err := try(context.Background(), job)
	if !errors.Is(err, ErrMismatch) || !slices.Equal(ev.Mismatches, []int{1, 4}) || ev.FramesSkipped != 2 {
		t.Errorf("%v, evidence %+v", err, ev)
	}
	clear(dev.data)
	if ev := Run(context.Background(), job); ev.Error != "" || ev.FramesWritten != 4 {
		t.Errorf("on a drive of zeros: %+v", ev)
	}
}

// A drive that loses what is written after the check is caught too.
func TestPersonalisationIsChecked(t *testing.T) {
	raw := rawDisk(t, 16<<20, 512)
	p := compress(raw)
	for _, c := range []struct {
		name string
		at   int64
		text string
	}{
		{"backup header", 20<<20 - 512, "backup GPT"},
		{"primary header", 512, "primary GPT header"},
		{"protective MBR", 0, "protective MBR"},
		{"seed", 6 << 20, "NoCloud seed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dev := newMemDrive(20<<20, 512)
			checked := false
			job := benchJob(t, publish(t, raw, p, 512, nil), dev, nil)
			dev.onFlush = func() error { checked = true; return nil }
			dev.onWrite = func(off int64, p []byte) ([]byte, error) {
				if checked && off == c.at {
					p = bytes.Clone(dev.data[off : off+int64(len(p))])
				}
				return p, nil
			}
			_, err := try(context.Background(), job)
			if !errors.Is(err, ErrMismatch) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("error %v, want %v with %q", err, ErrMismatch, c.text)
			}
		})
	}
}

func TestUnusableLayout(t *testing.T) {
	raw := rawDisk(t, 16<<20, 512)
	spoiled := func(edit func([]byte)) []byte {
		b := bytes.Clone(raw)
		edit(b)
		return b
	}
	for _, c := range []struct {
		name string
		raw  []byte
		edit func(*manifest.Manifest)
		text string
	}{
		{"no table", spoiled(func(b []byte) { clear(b[512:1024]) }), nil, "no GUID partition table"},
		{"table damaged", spoiled(func(b []byte) { b[1024+40] ^= 1 }), nil, "checksum of the entries"},
		{"no protective MBR", spoiled(func(b []byte) { clear(b[:512]) }), nil, "no protective MBR"},
		{"no such partition", raw, func(m *manifest.Manifest) { m.Grow = 9 }, "no partition 9"},
		{"partition in the way", raw, func(m *manifest.Manifest) { m.Grow = 2 }, "partition 3 lies behind it"},
		{"no place for the seed", spoiled(func(b []byte) { clear(b[6<<20 : 7<<20]) }), nil, "no partition is labelled CIDATA"},
		{"two places for the seed", spoiled(func(b []byte) { copy(b[2<<20:4<<20], b[6<<20:8<<20]) }), nil, "more than one"},
		{"place for the seed grows", spoiled(func(b []byte) { copy(b[8<<20:], b[6<<20:8<<20]); clear(b[6<<20 : 7<<20]) }), nil, "CIDATA partition grow"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dev := newMemDrive(20<<20, 512)
			_, err := try(context.Background(), benchJob(t, pack(t, c.raw, 512, c.edit), dev, nil))
			if !errors.Is(err, ErrLayout) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("error %v, want %v with %q", err, ErrLayout, c.text)
			}
		})
	}
}
