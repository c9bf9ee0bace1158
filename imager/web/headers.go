package web

import "net/http"

// maxForm bounds the body of a form, in bytes.
const maxForm = 256 << 10

// policy lets a page load its own files and nothing else, run no inline script,
// and stand in no frame.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// secure adds the headers that every answer carries, refuses cross-origin posts,
// and bounds what a form may send.
func secure(next http.Handler) http.Handler {
	// CrossOriginProtection reads Sec-Fetch-Site, and Origin where a browser
	// does not send it. A policy of "no-referrer" would blank Origin.
	guarded := http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		h.Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		guarded.ServeHTTP(w, r)
	})
}
