//go:build bench

package erase

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/cmd/internal/benchmarks/measure"
)

// childDrives is the environment variable that makes of this program one that
// erases the drives named in it, as JSON.
const childDrives = "REGAIN_BENCH_DRIVES"

func TestMain(m *testing.M) {
	if list := os.Getenv(childDrives); list != "" {
		if err := child(list); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// child erases all drives of list at once and prints how many nanoseconds that
// took.
func child(list string) error {
	var all []api.Drive
	if err := json.Unmarshal([]byte(list), &all); err != nil {
		return err
	}
	began := time.Now()
	done := make(chan error)
	for _, d := range all {
		go func() { done <- overwritten(&measure.Drive{Drive: d}) }()
	}
	for range all {
		if err := <-done; err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(time.Since(began))
}

// overwritten overwrites one drive and reads all of it back.
func overwritten(d *measure.Drive) error {
	_, err := eraseDrive(context.Background(), d, &meter{})
	return err
}

// inChild erases drives as the agent does, in a process of its own.
func inChild(b *testing.B, all []*measure.Drive, env ...string) measure.Rate {
	b.Helper()
	var list []api.Drive
	var size int64
	for _, d := range all {
		list = append(list, d.Drive)
		size += int64(d.SizeBytes)
	}
	text, err := json.Marshal(list)
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), childDrives+"="+string(text)), env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	if err := cmd.Run(); err != nil {
		b.Fatalf("erase in a process of its own: %v", err)
	}
	var took time.Duration
	if err := json.Unmarshal(out.Bytes(), &took); err != nil {
		b.Fatalf("%v: %q", err, out.String())
	}
	return measure.Rate{Bytes: size, Took: took, CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
}
