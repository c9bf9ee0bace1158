//go:build bench

// Package tftp measures TFTP with real clients: iPXE's, EDK2's and GRUB's, each
// in a virtual machine, against our server, tftpd-hpa and dnsmasq. What counts is
// seen on the wire: the time from a file's request to its last acknowledgement.
package tftp

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"text/tabwriter"
	"time"

	"regain.example/boot"
	"regain.example/cmd/internal/benchmarks/measure"
	"regain.example/cmd/internal/vbench"
)

var (
	runs = flag.Int("runs", 3, "how often each client meets each server")
	loss = flag.Int("loss", 0, "how many of 100 packets the wire loses, in each direction")
)

// bootTime bounds one machine's time on the bench.
const bootTime = 4 * time.Minute

const (
	ipxeScript = "script.ipxe"
	grubConfig = "grub/grub.cfg"
)

// client is a kind of machine and what it fetches.
type client struct {
	firmware vbench.Firmware
	loader   string
	// files are those that are measured, by the name of who fetches them.
	files map[string][]string
}

var clients = []client{
	{vbench.BIOS, ipxeScript, map[string][]string{"iPXE": {boot.FileKernel, boot.FileInitramfs}}},
	{vbench.UEFI, boot.FileShim, map[string][]string{
		"EDK2": {boot.FileShim, boot.FileGRUB},
		"GRUB": {boot.FileKernel, boot.FileInitramfs},
	}},
}

func build(name string) string { return filepath.Join("../../../../build", name) }

// prepare makes the directory that all servers serve.
func prepare(b *testing.B) string {
	dir := b.TempDir()
	write := func(name string, content []byte) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	for _, name := range []string{boot.FileKernel, boot.FileInitramfs, boot.FileShim, boot.FileGRUB} {
		content, err := os.ReadFile(filepath.Join(build("boot"), name))
		if err != nil {
			b.Fatalf("%v: run \"make agent-image\"", err)
		}
		write(name, content)
	}
	at := vbench.Address.Addr().String()
	write(ipxeScript, fmt.Appendf(nil, "#!ipxe\nimgfetch tftp://%s/%s\nimgfetch tftp://%s/%s\npoweroff\n", at, boot.FileKernel, at, boot.FileInitramfs))
	write(grubConfig, fmt.Appendf(nil, "linux (tftp,%s)/%s\ninitrd (tftp,%s)/%s\nhalt\n", at, boot.FileKernel, at, boot.FileInitramfs))
	for d := dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil { // dnsmasq serves what all may read
			b.Fatal(err)
		}
	}
	return dir
}

// BenchmarkTFTPClients prints a table of medians after each round. A file that did
// not arrive whole ends it.
func BenchmarkTFTPClients(b *testing.B) {
	measure.Root(b)
	dir := prepare(b)
	seen := results{}
	for run := range *runs {
		for _, c := range clients {
			for _, server := range []string{ours, hpa, dnsmasq} {
				b.Run(string(c.firmware)+"/"+server, func(b *testing.B) { seen.boot(b, c, server, dir) })
			}
		}
		if b.Failed() {
			return
		}
		seen.print(run + 1)
	}
}

// results are transfers by who fetched what, and by server.
type results map[string]map[string][]transfer

// boot has one machine fetch its files from one server.
func (r results) boot(b *testing.B, c client, server, dir string) {
	w, err := vbench.NewWire()
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	var watch *sniffer
	if err := w.Do(func() (err error) { watch, err = sniff(); return err }); err != nil {
		b.Fatal(err)
	}
	stop := make(chan struct{})
	go watch.run(stop)
	defer func() { close(stop); <-watch.done }()
	startServer(b, w, server, dir, c.loader)
	lose(b, w)

	m, err := w.NewMachine(vbench.Config{Name: string(c.firmware), Dir: b.TempDir(), Firmware: c.firmware})
	if err != nil {
		b.Fatal(err)
	}
	if err := m.PowerOn(vbench.Start{NetworkFirst: true}); err != nil {
		b.Fatal(err)
	}
	defer m.PowerCut()
	ctx, cancel := context.WithTimeout(context.Background(), bootTime)
	defer cancel()
	want := 0
	for _, files := range c.files {
		want += len(files)
	}
	for want > 0 {
		select {
		case <-ctx.Done():
			b.Fatalf("%s: %d files have not arrived", server, want)
		case <-m.Off():
			ctx, cancel = context.WithTimeout(ctx, time.Second) // for the last packets
			defer cancel()
		case <-time.After(200 * time.Millisecond):
		}
		for _, t := range watch.take() {
			want -= r.add(b, c, server, dir, t)
		}
	}
}

// add notes a transfer that is to be measured and returns 1 for one.
func (r results) add(b *testing.B, c client, server, dir string, t transfer) int {
	for who, files := range c.files {
		if !slices.Contains(files, t.name) {
			continue
		}
		info, err := os.Stat(filepath.Join(dir, t.name))
		if err != nil || info.Size() != t.bytes {
			b.Fatalf("%s of %s: %d bytes, %v", t.name, server, t.bytes, err)
		}
		key := who + "\t" + t.name
		if r[key] == nil {
			r[key] = map[string][]transfer{}
		}
		r[key][server] = append(r[key][server], t)
		return 1
	}
	return 0
}

// print writes the table so far to standard output; ratios are of speeds, ours to
// the faster peer's.
func (r results) print(runs int) {
	fmt.Printf("\nTFTP with real clients, medians of %d runs, %d %% loss; load %s\n", runs, *loss, measure.Load())
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "client\tfile\tasks\tblock\tbytes\tserver\tseconds\tMB/s\tturn µs\tours/faster peer")
	for _, key := range slices.Sorted(maps.Keys(r)) {
		median := map[string]transfer{}
		for server, all := range r[key] {
			slices.SortFunc(all, func(a, b transfer) int { return int(a.took - b.took) })
			median[server] = all[len(all)/2]
		}
		for _, server := range []string{ours, hpa, dnsmasq} {
			t, ratio := median[server], ""
			if t.took == 0 {
				continue // not asked for
			}
			if server == ours && median[hpa].took > 0 && median[dnsmasq].took > 0 {
				ratio = fmt.Sprintf("%.2f", min(median[hpa].took, median[dnsmasq].took).Seconds()/t.took.Seconds())
			}
			fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%s\t%.3f\t%.2f\t%.0f\t%s\n", key, t.asked, t.block, t.bytes, server,
				t.took.Seconds(), float64(t.bytes)/1e6/t.took.Seconds(), t.turn(), ratio)
		}
	}
	w.Flush()
}

// turn is the median of the turns, in microseconds.
func (t transfer) turn() float64 {
	if len(t.turns) == 0 {
		return 0
	}
	slices.Sort(t.turns)
	return t.turns[len(t.turns)/2].Seconds() * 1e6
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
