package chain

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const book = `[{"mac":"52:54:00:00:00:07","attempts":{"pxe":{"chain":"shim","failed":1,"proven":true,"reach":1}},"open":"pxe"}]`

func TestParse(t *testing.T) {
	machines, err := parse([]byte(book))
	if err != nil || len(machines) != 1 || machines[0].Attempts[wayPXE].Failed != 1 {
		t.Fatalf("read %+v, %v", machines, err)
	}
	for name, change := range map[string][2]string{
		"no JSON":             {"[{", "{{"},
		"no MAC":              {"52:54:00:00:00:07", "nobody"},
		"a MAC in upper case": {"52:54:00:00:00:07", "52:54:00:00:00:AA"},
		"eight bytes":         {"52:54:00:00:00:07", "52:54:00:00:00:07:00:01"},
		"an unknown chain":    {"shim", "zip"},
		"a chain of HTTP":     {"shim", "image"},
		"an unknown way":      {`"pxe"`, `"usb"`},
		"a way of BIOS":       {`"pxe":{"chain":"shim"`, `"":{"chain":"ipxe"`},
		"no open attempt":     {`"open":"pxe"`, `"open":"http"`},
		"a null":              {`{"chain":"shim","failed":1,"proven":true,"reach":1}`, "null"},
		"negative":            {`"failed":1`, `"failed":-1`},
		"a reach too far":     {`"reach":1`, `"reach":9`},
		"twice":               {book, "[" + book[1:len(book)-1] + "," + book[1:]},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.ReplaceAll(book, change[0], change[1])
			if m, err := parse([]byte(text)); err == nil {
				t.Errorf("%s was read as %+v", text, m)
			}
		})
	}
}

// TestOpenDamaged: the message says what to do.
func TestOpenDamaged(t *testing.T) {
	file := filepath.Join(t.TempDir(), "chains.json")
	if err := os.WriteFile(file, []byte("\x00\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(file)
	if err == nil || !strings.Contains(err.Error(), "remove the file") {
		t.Errorf("a damaged file: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(book))
	f.Add([]byte("[]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		machines, err := parse(data)
		if err != nil {
			return
		}
		for _, m := range machines {
			for w, a := range m.Attempts {
				if c := next(w, a); c == "" {
					t.Errorf("no chain after %+v", a)
				}
			}
		}
		text, err := json.Marshal(machines)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parse(text)
		if err != nil || len(again) != len(machines) || len(machines) > 0 && !reflect.DeepEqual(again, machines) {
			t.Errorf("%s is read differently: %v", text, err)
		}
	})
}
