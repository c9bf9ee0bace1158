//go:build bench

package erase

import (
	"bufio"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"regain.example/cmd/internal/benchmarks/measure"
)

// BenchmarkNwipe holds overwrite and full verification, both together, against
// nwipe's pass of zeros and its verification, as Debian ships it. The speed is
// that of bytes of drive per second of both.
func BenchmarkNwipe(b *testing.B) {
	measure.Root(b)
	var table measure.Table
	for _, c := range []struct {
		drives int
		size   int64
	}{{1, 1 << 30}, {4, 512 << 20}} {
		b.Run(fmt.Sprint(c.drives), func(b *testing.B) { againstNwipe(b, &table, c.drives, c.size) })
	}
	table.Print("Erasure: a pass and its full verification, each tool a process of its own")
}

// plain turns the processor's vector and AES instructions off in our process:
// nwipe's zeros need none.
const plain = "GODEBUG=cpu.avx=off,cpu.avx2=off,cpu.aes=off"

// againstNwipe measures the best of three turns each, taken alternately.
func againstNwipe(b *testing.B, table *measure.Table, n int, size int64) {
	var all []*measure.Drive
	for range n {
		all = append(all, measure.NewDrive(b, size))
	}
	var ours, oursPlain, theirs measure.Rate
	for b.Loop() {
		for range 3 {
			ours = ours.Best(inChild(b, all))
			theirs = theirs.Best(nwipe(b, all))
			oursPlain = oursPlain.Best(inChild(b, all, plain))
		}
	}
	what := fmt.Sprintf("%d at once", n)
	table.Add(b, measure.Row{What: what, Ours: ours, Peer: "nwipe", Theirs: theirs, Aim: 1})
	table.Add(b, measure.Row{What: what + ", no AVX, no AES", Ours: oursPlain, Peer: "nwipe", Theirs: theirs, Aim: 1})
}

// jail runs nwipe where /dev holds the named devices and no other: whatever it
// might choose, there is nothing else that it could reach. Arguments are PATH
// MAJOR MINOR for each.
const jail = `
paths=
mount -t tmpfs -o mode=0755 none /dev
mknod /dev/null c 1 3; mknod /dev/zero c 1 5; mknod /dev/random c 1 8; mknod /dev/urandom c 1 9
while [ $# -gt 0 ]; do mknod "$1" b "$2" "$3"; paths="$paths $1"; shift 3; done
[ -n "$paths" ]
exec stdbuf -oL nwipe --autonuke --nogui --method=zero --verify=last --noblank $paths
`

// nwipe wipes exactly these drives, at once. The time is from its first "Starting
// round" to its last "Finished final round", without its start and its rests.
func nwipe(b *testing.B, all []*measure.Drive) measure.Rate {
	b.Helper()
	args := []string{"--mount", "--propagation", "private", "sh", "-ec", jail, "sh"}
	var bytes int64
	for _, d := range all {
		major, minor, err := d.Loop.Number()
		if err != nil {
			b.Fatal(err)
		}
		args = append(args, d.Loop.Path(), fmt.Sprint(major), fmt.Sprint(minor))
		bytes += int64(d.SizeBytes)
	}
	cmd := exec.Command("unshare", args...)
	var said strings.Builder
	cmd.Stderr = &said // that it finds no SMART tools, above all
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	var began, ended time.Time
	var log strings.Builder
	finished := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		log.WriteString(lines.Text() + "\n")
		switch {
		case strings.Contains(lines.Text(), "Starting round") && began.IsZero():
			began = time.Now()
		case strings.Contains(lines.Text(), "Finished final round"):
			finished, ended = finished+1, time.Now()
		}
	}
	err = cmd.Wait()
	verified := strings.Count(log.String(), "Verified pass 1 of 1")
	if err != nil || finished != len(all) || verified != len(all) {
		b.Fatalf("nwipe: %v, %d of %d finished, %d verified\n%s", err, finished, len(all), verified, log.String()+said.String())
	}
	return measure.Rate{Bytes: bytes, Took: ended.Sub(began),
		CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
}
