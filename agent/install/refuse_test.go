package install

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/images/manifest"
)

// Whatever is refused is refused before the first write, in words for a person.
func TestRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*manifest.Manifest)
		job  func(*testing.T, *image, *Job)
		want error
		text string
	}{
		{"drive smaller than the image asks", func(m *manifest.Manifest) { m.MinDriveBytes = 32e9 }, nil, ErrTooSmall, "32.0 GB"},
		{"drive smaller than the image", nil, func(_ *testing.T, img *image, j *Job) { resize(j, uint64(len(img.raw))-512) }, ErrTooSmall, "larger drive"},
		{"4Kn drive", nil, func(_ *testing.T, _ *image, j *Job) { j.Drive.LogicalSector = 4096 }, ErrSector, "sectors of 512 bytes, this drive has sectors of 4096 bytes"},
		{"BIOS", func(m *manifest.Manifest) { m.Firmware = []manifest.Firmware{manifest.UEFI} },
			func(_ *testing.T, _ *image, j *Job) { j.Firmware.Kind = api.FirmwareBIOS }, ErrFirmware, "(BIOS)"},
		{"Secure Boot", nil, func(_ *testing.T, _ *image, j *Job) { j.Firmware.SecureBoot = true }, ErrFirmware, "Secure Boot on"},
		{"unknown firmware", nil, func(_ *testing.T, _ *image, j *Job) { j.Firmware = api.Firmware{} }, ErrFirmware, "unknown kind"},
		{"another drive", nil, func(_ *testing.T, _ *image, j *Job) { j.Drive.Serial = "S2" }, ErrDrive, "not the one"},
		{"drive that changed its size", nil, func(_ *testing.T, _ *image, j *Job) { resize(j, j.Drive.SizeBytes+512) }, ErrDrive, "says now"},
		{"seed without a place", nil, func(_ *testing.T, _ *image, j *Job) { j.Order.Seed = map[string][]byte{"meta-data": nil} }, ErrSeed, "no place"},
		{"identity without a seed", func(m *manifest.Manifest) { m.Identity = manifest.IdentityNoCloud }, nil, ErrSeed, "the order brings none"},
		{"another manifest than approved", nil, func(_ *testing.T, _ *image, j *Job) { j.Order.ManifestSHA256 = strings.Repeat("0", 64) }, ErrManifest, "SHA-256"},
		{"another key", nil, func(t *testing.T, _ *image, j *Job) { j.Order.PublicKey = smallImage(t, nil).public }, manifest.ErrSignature, "regain image verify"},
		{"no key", nil, func(_ *testing.T, _ *image, j *Job) { j.Order.PublicKey = "" }, ErrManifest, "regain image verify"},
		{"signature of another text", nil, func(t *testing.T, img *image, _ *Job) {
			img.write(t, ".json.minisig", manifest.Sign(img.secret, []byte("{}"), "x"))
		}, manifest.ErrSignature, "regain image verify"},
		{"signed, but no manifest", nil, func(t *testing.T, img *image, j *Job) {
			img.sign(t, []byte(`{"schema":1,"frames":[{"length":4294967295,"raw":4294967295}]}`))
			j.Order.ManifestSHA256 = img.sum
		}, manifest.ErrInvalid, "regain image verify"},
		{"manifest of another image", nil, func(t *testing.T, img *image, j *Job) {
			for _, ending := range []string{".json", ".json.minisig"} {
				if err := os.Rename(filepath.Join(img.dir, img.m.Name+ending), filepath.Join(img.dir, "other"+ending)); err != nil {
					t.Fatal(err)
				}
			}
			j.Order.Image = "other"
		}, ErrManifest, "of the image debian-test"},
		{"no such image", nil, func(_ *testing.T, _ *image, j *Job) { j.Order.Image = "none" }, ErrManifest, "404"},
		{"name that leaves the folder", nil, func(_ *testing.T, _ *image, j *Job) { j.Order.Image = "../x" }, ErrManifest, "check the profile"},
		{"endless manifest", nil, func(t *testing.T, img *image, _ *Job) {
			img.write(t, ".json", nil)
			if err := os.Truncate(filepath.Join(img.dir, img.m.Name+".json"), manifest.MaxBytes+1); err != nil {
				t.Fatal(err)
			}
		}, ErrManifest, "larger than"},
		{"drive in use", nil, func(_ *testing.T, _ *image, j *Job) {
			j.Open = func(api.Drive) (drive.Device, error) { return nil, errMedium }
		}, errMedium, "cannot be opened"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // wrong answers are asked for again, which takes its time
			img := smallImage(t, c.edit)
			job, dev := smallJob(t, img, nil)
			if c.job != nil {
				c.job(t, img, &job)
			}
			var ev api.InstallEvidence
			err := run(context.Background(), job, &ev)
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("error %v\nwant %v, with %q", err, c.want, c.text)
			}
			if n := dev.writes.Load(); n > 0 {
				t.Errorf("the drive was written to %d times", n)
			}
		})
	}
}

// resize makes the job's drive another size, and the order's with it.
func resize(j *Job, bytes uint64) {
	j.Drive.SizeBytes = bytes
	j.Order.Drive = j.Drive.ID()
}

func TestSecureBootImage(t *testing.T) {
	img := smallImage(t, func(m *manifest.Manifest) { m.Firmware = []manifest.Firmware{manifest.SecureBoot} })
	job, _ := smallJob(t, img, nil)
	job.Firmware.SecureBoot = true
	if ev := Run(context.Background(), job); ev.Error != "" {
		t.Errorf("refused: %s", ev.Error)
	}
}
