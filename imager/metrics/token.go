package metrics

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strings"
)

// Token returns the token in file, which is made with mode 0600 if there is none.
func Token(file string) (string, error) {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return readToken(file)
	}
	if err != nil {
		return "", fmt.Errorf("make metrics token: %w", err)
	}
	token := rand.Text()
	_, err = f.WriteString(token + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", fmt.Errorf("make metrics token: %w", errors.Join(err, os.Remove(file)))
	}
	return token, nil
}

func readToken(file string) (string, error) {
	info, err := os.Stat(file)
	if err != nil {
		return "", fmt.Errorf("read metrics token: %w", err)
	}
	if info.Mode().Perm()&0o007 != 0 {
		return "", fmt.Errorf("read metrics token: everybody may read or write %s: chmod o= it", file)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read metrics token: %w", err)
	}
	token := strings.TrimSpace(string(b))
	if len(token) < 16 {
		return "", fmt.Errorf("read metrics token: %s holds fewer than 16 characters: delete it, a new one is made", file)
	}
	return token, nil
}

// bearer lets requests with the token through (RFC 6750 section 2.1).
func bearer(token string, next http.Handler) http.Handler {
	want := sha256.Sum256([]byte("Bearer " + token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := sha256.Sum256([]byte(r.Header.Get("Authorization")))
		if subtle.ConstantTimeCompare(want[:], got[:]) != 1 {
			w.Header().Set("WWW-Authenticate", `Bearer realm="regain metrics"`)
			http.Error(w, "the scrape token is missing or wrong; it is in the file that metrics_token_file names", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}
