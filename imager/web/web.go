// Package web is the operators' side over HTTPS: the login, the live progress
// page with the machines on their way to the agent, one page for each machine, and
// the register of withdrawn drives. Pages work without scripts by reloading; with
// scripts they are kept up to date by server-sent events.
//
// It loads nothing from elsewhere and holds no state but the open event streams.
package web

import (
	"bytes"
	"context"
	"embed"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"regain.example/imager"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed static
var static embed.FS

// Logins is what the pages need of package account.
type Logins interface {
	Login(ctx context.Context, name, password, address string) (secret string, err error)
	Logout(ctx context.Context, secret, address string) error
	Session(secret string) (name string, ok bool)
}

// Welcome makes the first account by the one-time link.
type Welcome interface {
	Invited(secret string) bool
	Accept(ctx context.Context, secret, name, password, address string) (session string, err error)
}

// Site serves the pages.
type Site struct {
	op      imager.Operator
	logins  Logins
	welcome Welcome
	version string
	now     func() time.Time
	log     *slog.Logger
	pages   *template.Template
}

// New returns the site. It is to be served over TLS on the admin address only.
func New(op imager.Operator, logins Logins, welcome Welcome, version string, now func() time.Time, log *slog.Logger) *Site {
	return &Site{
		op: op, logins: logins, welcome: welcome, version: version, now: now, log: log,
		pages: template.Must(template.New("").Funcs(formats()).ParseFS(templates, "templates/*.html")),
	}
}

// Handler returns the site's handler.
func (s *Site) Handler() http.Handler {
	files, err := fs.Sub(static, "static")
	if err != nil {
		panic(err) // the directory is embedded above
	}
	mux := http.NewServeMux()
	mux.Handle("GET /static/", http.StripPrefix("/static/", http.FileServerFS(files)))
	mux.HandleFunc("GET /login", s.loginPage)
	mux.HandleFunc("POST /login", s.login)
	mux.HandleFunc("GET /welcome/{secret}", s.welcomePage)
	mux.HandleFunc("POST /welcome/{secret}", s.accept)

	mux.HandleFunc("POST /logout", s.signedIn(s.logout))
	mux.HandleFunc("GET /{$}", s.signedIn(s.list))
	mux.HandleFunc("GET /events", s.signedIn(s.events))
	mux.HandleFunc("GET /machines/{n}", s.signedIn(s.machine))
	mux.HandleFunc("POST /machines/{n}/approve", s.signedIn(s.approve))
	mux.HandleFunc("POST /machines/{n}/code", s.signedIn(s.code))
	mux.HandleFunc("POST /machines/{n}/stop", s.signedIn(s.stop))
	mux.HandleFunc("POST /machines/{n}/retry", s.signedIn(s.act(s.op.Retry)))
	mux.HandleFunc("POST /machines/{n}/release", s.signedIn(s.act(s.op.Release)))
	mux.HandleFunc("POST /machines/{n}/confirm", s.signedIn(s.act(s.op.Confirm)))
	mux.HandleFunc("POST /machines/{n}/withdraw", s.signedIn(s.withdraw))
	mux.HandleFunc("POST /boots/{mac}/again", s.signedIn(s.bootAgain))
	mux.HandleFunc("GET /withdrawn", s.signedIn(s.withdrawn))
	mux.HandleFunc("POST /withdrawn/{id}/destroyed", s.signedIn(s.destroyed))
	mux.HandleFunc("GET /evidence/{sha256}", s.signedIn(s.evidence))
	return secure(mux)
}

// page is what every page's template gets.
type page struct {
	Title   string
	Account string // "" before login
	Version string
	Now     time.Time
	Alert   string // what went wrong, in words; "" if nothing
	Data    any
}

// show renders a whole page before it writes the first byte of it.
func (s *Site) show(w http.ResponseWriter, status int, name string, p page) {
	p.Version, p.Now = s.version, s.now().UTC()
	var b bytes.Buffer
	if err := s.pages.ExecuteTemplate(&b, name, p); err != nil {
		s.log.Error("render page", "page", name, "err", err)
		http.Error(w, "The page could not be made; the controller's log says why.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(b.Bytes()) // an error here is a reader who left
}

// fragment renders one part of a page, for an event.
func (s *Site) fragment(name string, data any) (string, error) {
	var b bytes.Buffer
	err := s.pages.ExecuteTemplate(&b, name, data)
	return b.String(), err
}
