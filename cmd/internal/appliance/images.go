package appliance

import (
	"fmt"
	"net/http"

	"regain.example/imager"
	"regain.example/images/manifest"
)

type catalogue struct{}

func openImages(dir string) (catalogue, error) { return catalogue{}, nil }

func (catalogue) Manifest(name string) (manifest.Manifest, string, string, error) {
	return manifest.Manifest{}, "", "", fmt.Errorf("image %s: %w", name, imager.ErrNotFound)
}

func serveImages(dir string) http.Handler { return http.FileServer(http.Dir(dir)) }
