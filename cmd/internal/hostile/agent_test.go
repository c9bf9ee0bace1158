package hostile

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// registerForever floods the agent API with invented tokens, sessions and bodies
// of every size.
func registerForever(ctx context.Context, s *site) (int, error) {
	if err := s.badAddress(ctx); err != nil {
		return 0, err
	}
	base := "https://" + server(8443).String()
	requests := []struct{ method, path, bearer, body string }{
		{"POST", "/agent/v1/register", "", `{"version":1,"token":"` + strings.Repeat("A", 200) + `","nonce":"` + strings.Repeat("a", 32) + `"}`},
		{"POST", "/agent/v1/register", "", strings.Repeat(`{"version":`, 50_000)},
		{"POST", "/agent/v1/register", "", `{"version":1,"nonce":"` + strings.Repeat("x", 4<<20) + `"}`},
		{"GET", "/agent/v1/order?after=99999999999999999999", "x:y", ""},
		{"POST", "/agent/v1/report", strings.Repeat("x", 8000), strings.Repeat("y", 10<<20)},
		{"POST", "/first-boot/v1/" + strings.Repeat("%2e%2e%2f", 100), "", "{}"},
	}
	i := 0
	return forever(ctx, func() error {
		q := requests[i%len(requests)]
		i++
		r, err := http.NewRequestWithContext(ctx, q.method, base+q.path, strings.NewReader(q.body))
		if err != nil {
			return err
		}
		r.Header.Set("Authorization", "Bearer "+q.bearer)
		resp, err := s.badMachine.http.Do(r)
		if err != nil {
			return nil // cut off: as it should be
		}
		defer resp.Body.Close()
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return nil // cut off as well
		}
		if resp.StatusCode < 400 {
			return fmt.Errorf("%s %s: %s", q.method, q.path, resp.Status)
		}
		return nil
	})
}
