package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"

	"regain.example/imager/account"
)

// cookie has the prefix by which browsers insist on Secure, Path=/ and no Domain
// (RFC 6265bis section 4.1.3.2).
const cookie = "__Host-regain"

type accountKey struct{}

// signedIn lets only people with a login through; others are sent to the login
// page, event streams and forms are refused.
func (s *Site) signedIn(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name, ok := s.session(r)
		switch {
		case ok:
			next(w, r.WithContext(context.WithValue(r.Context(), accountKey{}, name)))
		case r.Method == http.MethodGet && r.URL.Path != "/events":
			http.Redirect(w, r, "/login", http.StatusSeeOther)
		default:
			http.Error(w, "Your login has ended. Log in again.", http.StatusUnauthorized)
		}
	}
}

func (s *Site) session(r *http.Request) (string, bool) {
	c, err := r.Cookie(cookie)
	if err != nil {
		return "", false
	}
	return s.logins.Session(c.Value)
}

func actor(r *http.Request) string {
	name, _ := r.Context().Value(accountKey{}).(string)
	return name
}

// address is the terminal's, for the audit.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

func (s *Site) loginPage(w http.ResponseWriter, r *http.Request) {
	s.show(w, http.StatusOK, "login.html", page{Title: "Log in"})
}

func (s *Site) login(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimSpace(r.PostFormValue("name"))
	secret, err := s.logins.Login(r.Context(), name, r.PostFormValue("password"), address(r))
	if err != nil {
		status, text := s.explainLogin(err)
		s.show(w, status, "login.html", page{Title: "Log in", Alert: text})
		return
	}
	s.enter(w, r, secret)
}

func (s *Site) enter(w http.ResponseWriter, r *http.Request, secret string) {
	http.SetCookie(w, &http.Cookie{
		Name: cookie, Value: secret, Path: "/", MaxAge: int(account.SessionLife.Seconds()),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *Site) logout(w http.ResponseWriter, r *http.Request) {
	c, err := r.Cookie(cookie)
	if err == nil {
		err = s.logins.Logout(r.Context(), c.Value, address(r))
	}
	if err != nil {
		s.log.Error("log out", "err", err)
	}
	http.SetCookie(w, &http.Cookie{
		Name: cookie, Path: "/", MaxAge: -1, Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

func (s *Site) welcomePage(w http.ResponseWriter, r *http.Request) {
	if !s.welcome.Invited(r.PathValue("secret")) {
		s.show(w, http.StatusForbidden, "login.html", page{Title: "Log in",
			Alert: "This link was used already or is too old. Log in; if there is no account yet, restart the controller: it prints a new link."})
		return
	}
	s.show(w, http.StatusOK, "welcome.html", page{Title: "Create the first account"})
}

func (s *Site) accept(w http.ResponseWriter, r *http.Request) {
	again := page{Title: "Create the first account", Data: r.PostFormValue("name")}
	if r.PostFormValue("password") != r.PostFormValue("again") {
		again.Alert = "The two passwords are not the same."
		s.show(w, http.StatusBadRequest, "welcome.html", again)
		return
	}
	secret, err := s.welcome.Accept(r.Context(), r.PathValue("secret"),
		r.PostFormValue("name"), r.PostFormValue("password"), address(r))
	if err != nil {
		var status int
		status, again.Alert = s.explainLogin(err)
		s.show(w, status, "welcome.html", again)
		return
	}
	s.enter(w, r, secret)
}

func (s *Site) explainLogin(err error) (int, string) {
	switch {
	case errors.Is(err, account.ErrLogin):
		return http.StatusForbidden, "Name or password is wrong."
	case errors.Is(err, account.ErrTooMany):
		return http.StatusTooManyRequests, "Too many attempts. Wait a quarter of an hour, then try again."
	case errors.Is(err, account.ErrExists), errors.Is(err, account.ErrInvitation):
		return http.StatusForbidden, "This link was used already or is too old."
	case errors.Is(err, account.ErrName), errors.Is(err, account.ErrPassword):
		return http.StatusBadRequest, sentence(err.Error())
	}
	s.log.Error("log in", "err", err)
	return http.StatusInternalServerError, "The controller could not do this; its log says why."
}
