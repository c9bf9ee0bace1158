package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"regain.example/imager"
)

// maxBody bounds a request; an approval of a hundred drives is far below it.
const maxBody = 1 << 20

// NewServer returns the server of the socket. It is to be served on what Listen
// returned.
func NewServer(op imager.Operator, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           NewHandler(op),
		ConnContext:       ConnContext,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// NewHandler serves the operator's methods. Requests need the actor that
// ConnContext notes.
func NewHandler(op imager.Operator) http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, f func(context.Context, call) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { serve(w, r, f) })
	}
	handle("GET /v1/machines", func(ctx context.Context, _ call) (any, error) { return op.Machines(ctx) })
	handle("GET /v1/profiles", func(ctx context.Context, _ call) (any, error) { return op.Profiles(ctx) })
	handle("GET /v1/machines/{n}", func(ctx context.Context, c call) (any, error) { return op.Machine(ctx, c.machine) })
	handle("POST /v1/machines/{n}/approve", func(ctx context.Context, c call) (any, error) {
		var a imager.Approval
		if err := c.decode(&a); err != nil {
			return nil, err
		}
		if a.Machine != c.machine {
			return nil, fmt.Errorf("approve: %w: the address names machine %d, the approval machine %d", imager.ErrInvalid, c.machine, a.Machine)
		}
		return op.Approve(ctx, c.actor, a)
	})
	handle("POST /v1/machines/{n}/stop", func(ctx context.Context, c call) (any, error) {
		var s stopRequest
		if err := c.decode(&s); err != nil {
			return nil, err
		}
		return nil, op.Stop(ctx, c.actor, c.machine, s.Reason)
	})
	handle("POST /v1/machines/{n}/code", func(ctx context.Context, c call) (any, error) {
		var r codeRequest
		if err := c.decode(&r); err != nil {
			return nil, err
		}
		return nil, op.EnterCode(ctx, c.actor, c.machine, r.Code)
	})
	for name, f := range map[string]func(context.Context, string, int) error{
		"retry": op.Retry, "release": op.Release, "confirm": op.Confirm,
	} {
		handle("POST /v1/machines/{n}/"+name, func(ctx context.Context, c call) (any, error) {
			return nil, f(ctx, c.actor, c.machine)
		})
	}
	handleDrives(handle, op)
	handleBoots(handle, op)
	return mux
}

// call is what is common to all requests.
type call struct {
	actor   string
	machine int
	request *http.Request
}

func (c call) decode(v any) error {
	dec := json.NewDecoder(c.request.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("read request: %w: %w", imager.ErrInvalid, err)
	}
	return nil
}

func serve(w http.ResponseWriter, r *http.Request, f func(context.Context, call) (any, error)) {
	actor, ok := r.Context().Value(actorKey{}).(string)
	if !ok {
		reply(w, http.StatusForbidden, problem{"forbidden", "only root and the controller's own user may use the admin socket"})
		return
	}
	c := call{actor: actor, request: r}
	if n := r.PathValue("n"); n != "" {
		number, err := strconv.Atoi(n)
		if err != nil || number < 1 {
			reply(w, http.StatusBadRequest, problem{"invalid", fmt.Sprintf("%q is not a machine's number", n)})
			return
		}
		c.machine = number
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	result, err := f(r.Context(), c)
	switch {
	case err != nil:
		status, p := encodeError(err)
		reply(w, status, p)
	case result == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		reply(w, http.StatusOK, result)
	}
}

// reply writes v, JSON that is encoded already as it is. A client that is gone
// does not read it; nothing can be done.
func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if whole, ok := v.(file); ok {
		w.Write(whole)
		return
	}
	json.NewEncoder(w).Encode(v)
}
