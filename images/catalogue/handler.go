package catalogue

import (
	"errors"
	"net/http"
	"os"
	"strings"

	"regain.example/images/manifest"
)

// Handler serves the files of listed images, with ranges, at /NAME.img.zst,
// /NAME.json and /NAME.json.minisig, and nothing else. Mount it below a prefix
// with http.StripPrefix.
//
// A body that is cut short is served all the same: the bench sees by the signed
// manifest what is missing, and says so.
func (c *Catalogue) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
			return
		}
		name, ending, ok := splitFile(strings.TrimPrefix(r.URL.Path, "/"))
		if !ok {
			http.Error(w, "no such file of a master image", http.StatusNotFound)
			return
		}
		image, err := c.signed(name)
		if err != nil {
			status := http.StatusInternalServerError
			if errors.Is(err, ErrNotFound) {
				status = http.StatusNotFound
			}
			http.Error(w, err.Error(), status)
			return
		}
		c.serve(w, r, name, ending, image)
	})
}

func (c *Catalogue) serve(w http.ResponseWriter, r *http.Request, name, ending string, image Image) {
	f, err := os.Open(c.path(name, ending))
	if err != nil {
		http.Error(w, "master image "+name+": its file "+ending+" cannot be read", http.StatusInternalServerError)
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		http.Error(w, "master image "+name+": its file "+ending+" cannot be read", http.StatusInternalServerError)
		return
	}
	types := map[string]string{bodyEnding: "application/zstd", manifestEnding: "application/json", signatureEnding: "text/plain"}
	w.Header().Set("Content-Type", types[ending])
	// The manifest's hash names the bytes of all three files.
	w.Header().Set("ETag", `"`+image.ManifestSHA256+`"`)
	http.ServeContent(w, r, "", info.ModTime(), f)
}

// splitFile cuts a file name into the image's name and one of the endings.
func splitFile(file string) (name, ending string, ok bool) {
	for _, ending := range []string{signatureEnding, manifestEnding, bodyEnding} {
		if name, ok := strings.CutSuffix(file, ending); ok && manifest.ValidName(name) {
			return name, ending, true
		}
	}
	return "", "", false
}
