// Package admin is the controller's Unix socket and its client: the way of the
// command line into the running controller. It carries JSON over HTTP. Whoever
// may open the socket may do everything an operator can; the actor that is
// recorded is "local:USER", by the credentials of the peer that the kernel tells
// (unix(7), SO_PEERCRED), never by anything that the client says.
//
//	GET  /v1/machines               -> []imager.View
//	GET  /v1/machines/{n}           -> imager.View
//	GET  /v1/profiles               -> []imager.Profile
//	POST /v1/machines/{n}/approve   imager.Approval -> imager.Job
//	POST /v1/machines/{n}/code      {"code": ...} -> 204
//	POST /v1/machines/{n}/stop      {"reason": ...} -> 204
//	POST /v1/machines/{n}/retry     -> 204
//	POST /v1/machines/{n}/release   -> 204
//	POST /v1/machines/{n}/confirm   -> 204
//	POST /v1/machines/{n}/withdraw  imager.Withdrawn -> imager.Withdrawn
//	GET  /v1/withdrawn              -> []imager.Withdrawn
//	POST /v1/withdrawn/{id}/destroyed  imager.Destruction -> 204
//	GET  /v1/evidence/{sha256}      -> the bytes with this SHA-256
//	GET  /v1/boots                  -> imager.Boots
//	POST /v1/boots/{mac}/again      -> 204
//
// A refusal has a status of 4xx or 5xx and a body {"code", "message"}.
package admin

import (
	"errors"
	"net/http"

	"regain.example/imager"
)

// problem is the body of a refusal.
type problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// stopRequest is the body of stop.
type stopRequest struct {
	Reason string `json:"reason"`
}

// codeRequest is the body of code.
type codeRequest struct {
	Code string `json:"code"`
}

// refusals pairs the controller's refusals with what goes over the socket.
var refusals = []struct {
	err    error
	code   string
	status int
}{
	{imager.ErrNotFound, "not-found", http.StatusNotFound},
	{imager.ErrConflict, "conflict", http.StatusConflict},
	{imager.ErrInvalid, "invalid", http.StatusBadRequest},
	{imager.ErrStorage, "storage", http.StatusInsufficientStorage},
}

func encodeError(err error) (int, problem) {
	for _, r := range refusals {
		if errors.Is(err, r.err) {
			return r.status, problem{r.code, err.Error()}
		}
	}
	return http.StatusInternalServerError, problem{"internal", err.Error()}
}

// Refusal is an error that the controller returned over the socket. It unwraps to
// the imager error that it was there.
type Refusal struct {
	Message string
	kind    error
}

// Error is the controller's message.
func (r *Refusal) Error() string { return r.Message }

// Unwrap returns one of package imager's errors, or nil.
func (r *Refusal) Unwrap() error { return r.kind }

func decodeError(p problem) error {
	for _, r := range refusals {
		if p.Code == r.code {
			return &Refusal{p.Message, r.err}
		}
	}
	return &Refusal{p.Message, nil}
}
