package httpboot

import (
	"errors"
	"fmt"
	"io"
	"net/http"
)

// recorder counts what was sent.
type recorder struct {
	http.ResponseWriter
	status int
	sent   int64
	wrote  bool
	err    error // of the write that failed
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if !r.wrote {
		r.status, r.wrote = status, true
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (r *recorder) Write(b []byte) (int, error) {
	r.wrote = true
	n, err := r.ResponseWriter.Write(b)
	r.sent += int64(n)
	r.err = errors.Join(r.err, err)
	return n, err
}

// ReadFrom keeps the way to sendfile(2) open, which a plain wrapper would close.
func (r *recorder) ReadFrom(src io.Reader) (int64, error) {
	r.wrote = true
	n, err := io.Copy(r.ResponseWriter, src)
	r.sent += n
	r.err = errors.Join(r.err, err)
	return n, err
}

// Unwrap lets http.ResponseController through.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// complete reports whether the answer brought the client to the end of a file
// of the given size: the whole of it, or a range that ends with its last byte.
func (r *recorder) complete(size int64) bool {
	switch r.status {
	case http.StatusOK:
		return r.sent == size
	case http.StatusPartialContent:
		var first, last, total int64
		_, err := fmt.Sscanf(r.Header().Get("Content-Range"), "bytes %d-%d/%d", &first, &last, &total)
		return err == nil && last == size-1 && r.sent == last-first+1
	}
	return false
}
