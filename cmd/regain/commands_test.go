package main

import (
	"encoding/json"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"regain.example/boot/esp/esptest"
	"regain.example/imager"
)

// expand replaces ADMIN in a file by the path of the socket.
func expand(ts *testscript.TestScript, neg bool, args []string) {
	for _, file := range args {
		replace(ts, file, "ADMIN", ts.Getenv("SOCKET"))
	}
}

// forge replaces a text, which must be there, in a file.
func forge(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: forge FILE OLD NEW")
	}
	if !strings.Contains(ts.ReadFile(args[0]), args[1]) {
		ts.Fatalf("%s does not hold %s", args[0], args[1])
	}
	replace(ts, args[0], args[1], args[2])
}

func replace(ts *testscript.TestScript, file, old, with string) {
	text := strings.ReplaceAll(ts.ReadFile(file), old, with)
	ts.Check(os.WriteFile(ts.MkAbs(file), []byte(text), 0o600))
}

// evidence sets a variable to the SHA-256 of the evidence of a machine's first
// drive.
func evidence(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: evidence MACHINE.json VARIABLE")
	}
	var v imager.View
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &v))
	if v.Job == nil || len(v.Job.Drives) == 0 || v.Job.Drives[0].EvidenceFile == "" {
		ts.Fatalf("%s names no evidence", args[0])
	}
	ts.Setenv(args[1], v.Job.Drives[0].EvidenceFile)
}

// holds fails unless an image is as long as the template, and a text stands in it.
func holds(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: media IMAGE TEXT")
	}
	image := ts.ReadFile(args[0])
	if len(image) != len(esptest.Template()) || !strings.Contains(image, args[1]) {
		ts.Fatalf("%s has %d bytes, and %q should stand in it", args[0], len(image), args[1])
	}
}
