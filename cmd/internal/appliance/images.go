package appliance

import (
	"fmt"
	"os"
	"path/filepath"

	"regain.example/images/catalogue"
)

// OpenCatalogue opens the master images in a state directory, with the key that
// signs them. The commands for images use it, too.
func OpenCatalogue(stateDir string) (*catalogue.Catalogue, error) {
	if err := os.MkdirAll(stateDir, 0o700); err != nil {
		return nil, fmt.Errorf("make state directory: %w", err)
	}
	key, err := catalogue.SigningKey(filepath.Join(stateDir, ImageKeyFile))
	if err != nil {
		return nil, err
	}
	return catalogue.Open(filepath.Join(stateDir, ImagesDir), key)
}
