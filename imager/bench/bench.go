// Package bench serves the agent API (package agent/api) over HTTP. Who calls is
// a stranger until its session and key are known, and bounded after that.
package bench

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"regain.example/agent/api"
)

// Controller is what decides; *control.Controller is one. Errors wrap those of
// package imager.
type Controller interface {
	Register(ctx context.Context, r api.RegisterRequest) (api.RegisterReply, error)
	Authorize(ctx context.Context, session, key string) error
	NextOrder(ctx context.Context, session string, after uint64, wait time.Duration) (api.Order, error)
	Report(ctx context.Context, session string, reports []api.Report) (durable uint64, err error)
	Progress(ctx context.Context, session string, p api.Progress) error
	FirstBoot(ctx context.Context, token string, call api.FirstBoot) error
}

// orderWait is how long a poll for an order waits for news.
const orderWait = 20 * time.Second

// Bounds of one request, in bytes of its body.
const (
	maxRegister  = 512 << 10
	maxReport    = 8 << 20 // a batch with the evidence of several drives
	maxProgress  = 64 << 10
	maxFirstBoot = 4 << 10
)

type server struct {
	control Controller
	log     *slog.Logger
	limit   *limiter
}

// Handler returns the handler of the agent API and of the first-boot call. The
// caller serves it over TLS on the bench's address only.
func Handler(c Controller, log *slog.Logger, now func() time.Time) http.Handler {
	s := &server{control: c, log: log, limit: newLimiter(now)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /agent/v1/register", s.register)
	mux.HandleFunc("GET /agent/v1/order", s.session(s.order))
	mux.HandleFunc("POST /agent/v1/report", s.session(s.report))
	mux.HandleFunc("POST /agent/v1/progress", s.session(s.progress))
	mux.HandleFunc("POST /first-boot/v1/{token}", s.firstBoot)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, r, &api.Problem{Code: api.CodeBadRequest, Message: "there is no such request: the agent may be of another version; restart the machine"})
	})
	return s.limited(mux)
}

func (s *server) register(w http.ResponseWriter, r *http.Request) {
	var request api.RegisterRequest
	if err := read(w, r, maxRegister, &request); err != nil {
		s.refuse(w, r, err)
		return
	}
	reply, err := s.control.Register(r.Context(), request)
	s.answer(w, r, reply, err)
}

// session finds out in whose name a request is made.
func (s *server) session(serve func(http.ResponseWriter, *http.Request, string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		id, key, _ := strings.Cut(bearer, ":")
		if err := s.control.Authorize(r.Context(), id, key); err != nil {
			s.refuse(w, r, err)
			return
		}
		serve(w, r, id)
	}
}

func (s *server) order(w http.ResponseWriter, r *http.Request, session string) {
	var after uint64
	if text := r.URL.Query().Get("after"); text != "" {
		var err error
		if after, err = strconv.ParseUint(text, 10, 64); err != nil {
			s.refuse(w, r, &api.Problem{Code: api.CodeBadRequest, Message: "the revision in the query is not a number"})
			return
		}
	}
	order, err := s.control.NextOrder(r.Context(), session, after, orderWait)
	s.answer(w, r, order, err)
}

func (s *server) report(w http.ResponseWriter, r *http.Request, session string) {
	var request api.ReportRequest
	if err := read(w, r, maxReport, &request); err != nil {
		s.refuse(w, r, err)
		return
	}
	durable, err := s.control.Report(r.Context(), session, request.Reports)
	s.answer(w, r, api.ReportReply{Durable: durable}, err)
}

func (s *server) progress(w http.ResponseWriter, r *http.Request, session string) {
	var p api.Progress
	if err := read(w, r, maxProgress, &p); err != nil {
		s.refuse(w, r, err)
		return
	}
	s.answer(w, r, nil, s.control.Progress(r.Context(), session, p))
}

func (s *server) firstBoot(w http.ResponseWriter, r *http.Request) {
	var call api.FirstBoot
	if err := read(w, r, maxFirstBoot, &call); err != nil {
		s.refuse(w, r, err)
		return
	}
	s.answer(w, r, nil, s.control.FirstBoot(r.Context(), r.PathValue("token"), call))
}
