package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"regain.example/agent/api"
	"regain.example/imager"
)

// read takes the one JSON value of a request's body.
func read(w http.ResponseWriter, r *http.Request, limit int64, into any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, limit))
	if err := d.Decode(into); err != nil {
		return &api.Problem{Code: api.CodeBadRequest, Message: fmt.Sprintf("the request could not be read: %v", err)}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return &api.Problem{Code: api.CodeBadRequest, Message: "the request holds more than one value"}
	}
	return nil
}

// answer writes a reply as JSON, or nothing (204) for nil, or the refusal.
func (s *server) answer(w http.ResponseWriter, r *http.Request, reply any, err error) {
	switch {
	case err != nil:
		s.refuse(w, r, err)
	case reply == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		s.write(w, r, http.StatusOK, reply)
	}
}

func (s *server) write(w http.ResponseWriter, r *http.Request, status int, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		s.log.Error("reply could not be encoded", "path", r.URL.Path, "err", err)
		status, text = http.StatusInternalServerError, []byte(`{"code":"internal","message":"the controller could not encode its reply"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A client that has gone does not matter: it asks again.
	_, _ = w.Write(text)
}

// refusals is the one table from what the controller refuses to what the wire
// says; package agent/api gives the statuses.
func refusals() []struct {
	err  error
	code api.Code
} {
	return []struct {
		err  error
		code api.Code
	}{
		{imager.ErrVersion, api.CodeVersion},
		{imager.ErrToken, api.CodeToken},
		{imager.ErrStopped, api.CodeStopped},
		{imager.ErrBehind, api.CodeBehind},
		{imager.ErrSession, api.CodeUnknownSession},
		{imager.ErrClosed, api.CodeClosed},
		{imager.ErrBusy, api.CodeBusy},
		{imager.ErrInvalid, api.CodeBadRequest},
		{imager.ErrStorage, api.CodeStorage},
	}
}

func status(code api.Code) int {
	switch code {
	case api.CodeBadRequest, api.CodeVersion:
		return http.StatusBadRequest
	case api.CodeToken, api.CodeStopped:
		return http.StatusForbidden
	case api.CodeUnknownSession:
		return http.StatusUnauthorized
	case api.CodeBehind:
		return http.StatusConflict
	case api.CodeClosed:
		return http.StatusGone
	case api.CodeBusy:
		return http.StatusTooManyRequests
	case api.CodeStorage:
		return http.StatusInsufficientStorage
	}
	return http.StatusInternalServerError
}

// problem turns an error into what the wire says of it. What is not in the table
// is internal, and its words stay in the log.
func problem(err error) *api.Problem {
	var p *api.Problem
	if errors.As(err, &p) {
		return p
	}
	for _, r := range refusals() {
		if errors.Is(err, r.err) {
			return &api.Problem{Code: r.code, Message: err.Error()}
		}
	}
	return &api.Problem{Code: api.CodeInternal, Message: "the controller met an error: look at its log"}
}

// refuse is where an error ends: the wire says it, and the log if it is ours.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	p := problem(err)
	code := status(p.Code)
	if code >= 500 && !errors.Is(err, context.Canceled) {
		s.log.Error("request refused", "path", route(r), "status", code, "err", err)
	}
	s.write(w, r, code, p)
}

// route is the request's path without the token that may stand in it.
func route(r *http.Request) string {
	if r.Pattern != "" {
		return r.Pattern
	}
	return "other"
}
