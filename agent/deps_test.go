// Package agent_test keeps the walls between the houses: which package may
// import which, and how large the agent may be.
package agent_test

import (
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "regain.example/"

// goPackage is what go list tells of one package.
type goPackage struct {
	ImportPath string
	Imports    []string
	Standard   bool
}

// list runs go list for Linux without cgo, as the agent is built.
func list(t *testing.T, args ...string) []goPackage {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Imports,Standard"}, args...)...)
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	var all []goPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := dec.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// ban is a package, or a tree of them ("x/..."), that must not be depended on.
type ban struct{ what, why string }

func (b ban) hits(path string) bool {
	tree, isTree := strings.CutSuffix(b.what, "/...")
	return path == tree || isTree && strings.HasPrefix(path, tree+"/")
}

// TestAgentDependencies: the agent is small, starts nothing, and knows nothing
// of what the controller decides.
func TestAgentDependencies(t *testing.T) {
	bans := []ban{
		{module + "imager/...", "the agent reports facts; what they mean is the controller's to decide"},
		{module + "boot/...", "the boot server speaks to the agent through kernel parameters only"},
		{module + "images/catalogue/...", "the agent reads the image format and nothing else of images"},
		{module + "images/recipe/...", "images are built by the Makefile"},
		{module + "cmd/internal/...", "benches and fakes for tests have no place on a real bench"},
		{module + "agent/lab/...", "drives that lie have no place on a real bench"},
		{module + "agent/drive/drivetest/...", "nor have made-up ones"},
		{"go.etcd.io/bbolt/...", "the agent stores nothing: what it knows is on the controller's disk"},
		{"github.com/prometheus/...", "the controller counts, and it is 5 MB"},
		{"html/template", "no pages on a bench; reflection keeps the linker from dropping what is not used"},
		{"text/template", "the same"},
		{"text/template/...", "the same"},
		{"testing", "test code in the initramfs"},
		{"net/http/httptest", "test code in the initramfs"},
		{"C", "no C library in the initramfs"},
		{"plugin", "no code from elsewhere"},
	}
	packages := list(t, "-deps", module+"cmd/regain-agent")
	if len(packages) < 100 {
		t.Fatalf("go list tells of %d packages only", len(packages))
	}
	for _, p := range packages {
		for _, b := range bans {
			if b.hits(p.ImportPath) {
				t.Errorf("the agent depends on %s: %s", p.ImportPath, b.why)
			}
		}
		if strings.HasPrefix(p.ImportPath, module) && slices.Contains(p.Imports, "os/exec") {
			t.Errorf("%s imports os/exec: nothing is started on a bench but the agent itself, by package supervise", p.ImportPath)
		}
	}
}

// TestHouses holds the walls between the houses (see docs).
func TestHouses(t *testing.T) {
	walls := []struct {
		house  string
		banned []ban
		except []string // packages that the house may import all the same
	}{
		{"imager", []ban{
			{module + "agent/...", "the controller knows the agent by its wire only"},
			{module + "boot/...", "the controller does not know how a machine boots; cmd/regain connects the two"},
		}, []string{module + "agent/api", module + "agent/api/cmdline"}},
		{"boot", []ban{
			{module + "imager/...", "booting knows nothing of jobs; it asks a Decider"},
			{module + "images/...", "booting knows nothing of images"},
			{module + "agent/...", "booting hands over kernel parameters and no more"},
		}, []string{module + "agent/api/cmdline"}},
		{"images", []ban{
			{module + "imager/...", "images know nothing of machines and jobs"},
			{module + "agent/...", "images know nothing of benches"},
			{module + "boot/...", "images know nothing of booting"},
		}, nil},
		{"agent", []ban{
			{module + "imager/...", "the agent reports facts; it decides nothing"},
			{module + "boot/...", "the agent reads kernel parameters, however it was booted"},
			{module + "images/...", "the agent reads the format only"},
			{"os/exec", "nothing is started on a bench"},
		}, []string{module + "images/manifest", module + "images/frames"}},
		{"agent/api", []ban{{module + "...", "the wire is a leaf"}}, []string{module + "agent/api", module + "agent/api/cmdline"}},
	}
	for _, w := range walls {
		packages := list(t, module+w.house+"/...")
		if len(packages) == 0 {
			t.Errorf("house %s holds no package", w.house)
		}
		for _, p := range packages {
			for _, imported := range p.Imports {
				for _, b := range w.banned {
					if b.hits(imported) && !slices.Contains(w.except, imported) {
						t.Errorf("%s imports %s: %s", p.ImportPath, imported, b.why)
					}
				}
			}
		}
	}
}

// TestBansBite shows that the tests above would see a breach.
func TestBansBite(t *testing.T) {
	for _, test := range []struct {
		ban, path string
		want      bool
	}{
		{"go.etcd.io/bbolt/...", "go.etcd.io/bbolt", true},
		{"go.etcd.io/bbolt/...", "go.etcd.io/bbolt/internal/x", true},
		{"html/template", "html/template", true},
		{"text/template", "text/template/parse", false},
		{module + "imager/...", module + "imagery", false},
	} {
		if got := (ban{what: test.ban}).hits(test.path); got != test.want {
			t.Errorf("ban of %s against %s: %v, want %v", test.ban, test.path, got, test.want)
		}
	}
	imports := list(t, "net/http/httptest")
	if len(imports) != 1 || !slices.Contains(imports[0].Imports, "net/http") {
		t.Errorf("go list does not tell the imports: %+v", imports)
	}
}
