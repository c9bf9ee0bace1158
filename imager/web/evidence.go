package web

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
)

var hash = regexp.MustCompile(`^[0-9a-f]{64}$`)

// evidence hands out the evidence of a drive as it was received. The browser
// keeps it as a file: what a machine sent is shown on no page of ours.
func (s *Site) evidence(w http.ResponseWriter, r *http.Request) {
	sum := r.PathValue("sha256")
	if !hash.MatchString(sum) {
		http.NotFound(w, r)
		return
	}
	b, err := s.op.Evidence(r.Context(), sum)
	if err != nil {
		s.oops(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="evidence-%s.json"`, sum))
	h.Set("Content-Length", strconv.Itoa(len(b)))
	w.Write(b) // an error here is a reader who left
}
