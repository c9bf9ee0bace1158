package install

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"context"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/firmware"
)

// recorder is a step.Reporter that keeps what it was told.
type recorder struct {
	mu       sync.Mutex
	began    []api.Phase
	ended    []api.Phase
	bytes    map[api.Phase]uint64
	progress int
	last     api.DriveProgress
}

func (r *recorder) Began(p api.Phase, _ api.DriveID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.began = append(r.began, p)
}

func (r *recorder) Ended(p api.Phase, _ api.DriveID, n uint64, _ time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = append(r.ended, p)
	if r.bytes == nil {
		r.bytes = map[api.Phase]uint64{}
	}
	r.bytes[p] = n
}

func (r *recorder) Progress(p api.DriveProgress) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.progress++
	r.last = p
}

// benchJob is a job for img on dev, served over HTTP by the standard library's
// file server behind wrap.
func benchJob(t testing.TB, img *image, dev drive.Device, wrap func(http.Handler) http.Handler) Job {
	t.Helper()
	handler := http.Handler(http.FileServer(http.Dir(img.dir)))
	if wrap != nil {
		handler = wrap(handler)
	}
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return jobAt(img, dev, srv.URL)
}

// jobAt is a job for img on dev, served at a URL.
func jobAt(img *image, dev drive.Device, url string) Job {
	d := api.Drive{Node: "sda", Bus: api.BusATA, Model: "Test", Serial: "S1",
		SizeBytes: uint64(dev.Size()), LogicalSector: uint32(dev.LogicalSector())}
	return Job{
		Order: api.InstallOrder{
			Job: "job", Drive: d.ID(), Image: img.m.Name, BaseURL: url + "/",
			ManifestSHA256: img.sum, PublicKey: img.public,
			Seed: map[string][]byte{"meta-data": []byte("instance-id: i1\n"), "user-data": []byte("#cloud-config\n"), "network-config": nil},
		},
		Drive:    d,
		Firmware: api.Firmware{Kind: api.FirmwareUEFI},
		Open:     func(api.Drive) (drive.Device, error) { return dev, nil },
		PutFirst: func(context.Context, firmware.ESP) (string, error) { return "Boot0007", nil },
		Reporter: &recorder{},
	}
}
