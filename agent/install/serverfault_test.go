package install

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// faulty lets a fault have the first n requests for the image's frames, and the
// server the rest. A negative n means all.
func faulty(n int64, fault func(w http.ResponseWriter, r *http.Request, server http.Handler)) func(http.Handler) http.Handler {
	return func(server http.Handler) http.Handler {
		var seen atomic.Int64
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, ".zst") && (n < 0 || seen.Add(1) <= n) {
				fault(w, r, server)
				return
			}
			server.ServeHTTP(w, r)
		})
	}
}

func answer(status int) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { w.WriteHeader(status) }
}

// spoil flips one bit of every answer's body, in the middle of it.
func spoil(w http.ResponseWriter, r *http.Request, server http.Handler) {
	server.ServeHTTP(&filter{w, func(b []byte) []byte {
		b = bytes.Clone(b)
		if len(b) > 0 {
			b[len(b)/2] ^= 1
		}
		return b
	}}, r)
}

// cut ends every connection after a part of the body.
func cut(w http.ResponseWriter, r *http.Request, server http.Handler) {
	left := 5 << 20
	server.ServeHTTP(&filter{w, func(b []byte) []byte {
		if left -= len(b); left < 0 {
			panic(http.ErrAbortHandler)
		}
		return b
	}}, r)
}

// filter changes what a handler sends.
type filter struct {
	http.ResponseWriter
	change func([]byte) []byte
}

func (f *filter) Write(b []byte) (int, error) {
	if _, err := f.ResponseWriter.Write(f.change(b)); err != nil {
		return 0, err
	}
	return len(b), nil
}

// A fault that passes delays the installation and harms nothing.
func TestServerRecovers(t *testing.T) {
	for _, c := range []struct {
		name  string
		n     int64
		fault func(http.ResponseWriter, *http.Request, http.Handler)
	}{
		{"503", 8, answer(503)},
		{"404 once", 1, answer(404)},
		{"200 without ranges once", 1, func(w http.ResponseWriter, r *http.Request, server http.Handler) {
			r.Header.Del("Range")
			server.ServeHTTP(w, r)
		}},
		{"wrong bytes", 2, spoil},
		{"cut body", 5, cut},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			img := smallImage(t, nil)
			job, dev := smallJob(t, img, faulty(c.n, c.fault))
			ev := Run(context.Background(), job)
			if ev.Error != "" || ev.FramesVerified != len(img.m.Frames) {
				t.Fatalf("evidence: %+v", ev)
			}
			if !bytes.Equal(dev.data[:len(img.raw)], img.raw) {
				t.Error("the drive does not hold the image")
			}
		})
	}
}

// A fault that stays ends the installation with a clear error. No byte that is
// not the image's reaches the drive.
func TestServerFault(t *testing.T) {
	for _, c := range []struct {
		name  string
		wrap  func(http.Handler) http.Handler
		spoil func(*testing.T, *image)
		want  string
	}{
		{"404", faulty(-1, answer(404)), nil, "not to be had from the server"},
		{"403", faulty(-1, answer(403)), nil, "403"},
		{"no ranges", faulty(-1, func(w http.ResponseWriter, r *http.Request, server http.Handler) {
			r.Header.Del("Range")
			server.ServeHTTP(w, r)
		}), nil, "not the range asked for"},
		{"wrong bytes", faulty(-1, spoil), nil, "of debian-test is corrupt on the server"},
		{"another range", faulty(-1, func(w http.ResponseWriter, r *http.Request, server http.Handler) {
			r.Header.Set("Range", "bytes=1-100")
			server.ServeHTTP(w, r)
		}), nil, "not that of the manifest"},
		{"truncated file", nil, func(t *testing.T, img *image) {
			if err := os.Truncate(filepath.Join(img.dir, img.m.Name+".img.zst"), 6<<20); err != nil {
				t.Fatal(err)
			}
		}, "is corrupt on the server"},
		{"empty file", nil, func(t *testing.T, img *image) { img.write(t, ".img.zst", nil) }, "a whole file of 0 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			img := smallImage(t, nil)
			if c.spoil != nil {
				c.spoil(t, img)
			}
			job, dev := smallJob(t, img, c.wrap)
			dev.onWrite = func(off int64, p []byte) ([]byte, error) {
				if !bytes.Equal(p, img.raw[off:off+int64(len(p))]) {
					t.Errorf("%d bytes that are not the image's were written at %d", len(p), off)
				}
				return p, nil
			}
			ev := Run(context.Background(), job)
			if !strings.Contains(ev.Error, c.want) || !strings.Contains(ev.Error, "regain image") {
				t.Errorf("error %q, want %q", ev.Error, c.want)
			}
			if ev.Flushed || ev.FramesVerified > 0 || ev.BootEntry != "" {
				t.Errorf("went on after the error: %+v", ev)
			}
		})
	}
}

func TestCorruptIsTyped(t *testing.T) {
	job, _ := smallJob(t, smallImage(t, nil), faulty(-1, spoil))
	_, err := try(context.Background(), job)
	if !errors.Is(err, ErrCorrupt) {
		t.Errorf("error %v, want %v", err, ErrCorrupt)
	}
}

// The server dies in the middle of the installation, with all its connections, and
// another one takes its place at the same address a little later.
func TestServerKilledAndRestarted(t *testing.T) {
	img := smallImage(t, nil)
	listen := func(addr string) net.Listener {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	files := http.FileServer(http.Dir(img.dir))
	first := listen("127.0.0.1:0")
	addr := first.Addr().String()
	died := make(chan struct{})
	var dying atomic.Bool
	var old *http.Server
	old = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".zst") && dying.CompareAndSwap(false, true) {
			go func() { old.Close(); close(died) }()
			<-died
		}
		files.ServeHTTP(w, r)
	})}
	go old.Serve(first)
	go func() {
		<-died
		time.Sleep(time.Second)
		l, err := net.Listen("tcp", addr)
		if err != nil {
			t.Error(err)
			return
		}
		next := &http.Server{Handler: files}
		t.Cleanup(func() { next.Close() })
		next.Serve(l)
	}()
	dev := newMemDrive(int64(len(img.raw)), 512)
	job := jobAt(img, dev, "http://"+addr)
	job.Order.Seed = nil
	ev := Run(context.Background(), job)
	if ev.Error != "" || !bytes.Equal(dev.data, img.raw) {
		t.Errorf("evidence: %+v", ev)
	}
}
