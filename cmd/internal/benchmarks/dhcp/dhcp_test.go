//go:build bench

// Package dhcp measures how long forty benches that ask within one second wait
// for their addresses, from our controller, dnsmasq and Kea. The clients are
// perfdhcp's, the times those of the packets on their wire.
package dhcp

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"regain.example/cmd/internal/benchmarks/measure"
	"regain.example/cmd/internal/lan"
)

// benches ask within one second.
const benches = 40

// rounds is how often each server meets the benches, in turn.
const rounds = 3

// BenchmarkFortyBenches prints a table. It fails if our controller leaves a bench
// without an address; that a peer does is a result.
func BenchmarkFortyBenches(b *testing.B) {
	measure.Root(b)
	all := map[string][]time.Duration{}
	served := map[string]int{}
	for range rounds {
		for _, s := range servers {
			b.Run(s.name, func(b *testing.B) {
				took := ask(b, s)
				served[s.name] += len(took)
				all[s.name] = append(all[s.name], took...)
				b.ReportMetric(0, "ns/op") // of no meaning here
				b.ReportMetric(percentile(took, 50).Seconds()*1000, "p50-ms")
				b.ReportMetric(percentile(took, 99).Seconds()*1000, "p99-ms")
			})
		}
	}
	fmt.Printf("\n%d benches ask within one second, %d rounds; DISCOVER to ACK; load %s\n", benches, rounds, measure.Load())
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "server\tserved\tp50 ms\tp99 ms\taddress in use?\tlease on disk")
	for _, s := range servers {
		fmt.Fprintf(w, "%s\t%d of %d\t%.1f\t%.1f\t%s\t%s\n", s.name, served[s.name], benches*rounds,
			percentile(all[s.name], 50).Seconds()*1000, percentile(all[s.name], 99).Seconds()*1000, s.probes, s.durable)
	}
	w.Flush()
}

// ask has the benches ask a server of their own, and returns how long each that
// was served waited.
func ask(b *testing.B, s server) (took []time.Duration) {
	l, err := lan.New()
	check(b, err)
	defer l.Close()
	clients, err := l.Bench()
	check(b, err)
	check(b, clients.Address(netip.MustParsePrefix("10.77.0.2/24")))
	cmd := s.command(b, b.TempDir())
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	p, err := l.Start(cmd)
	check(b, err)
	select {
	case <-p.Done():
		b.Fatalf("%s does not run: %v\n%s", s.name, p.Err(), said.String())
	case <-time.After(s.settle):
	}

	var watch *sniffer
	check(b, clients.Do(func() (err error) { watch, err = sniff(); return err }))
	stop, done := make(chan struct{}), make(chan struct{})
	go func() { watch.run(stop); close(done) }()
	perfdhcp(b, clients, s.patience)
	time.Sleep(4 * time.Second) // it may end before its last requests are answered
	close(stop)
	<-done
	addrs, unserved := map[string]bool{}, 0
	for _, e := range watch.seen {
		switch {
		case e.given.IsZero():
			unserved++
		case addrs[e.addr]:
			b.Errorf("%s: %s was given twice", s.name, e.addr)
		default:
			addrs[e.addr] = true
			took = append(took, e.given.Sub(e.asked))
		}
	}
	if unserved > 0 && s.name == servers[0].name {
		b.Errorf("%s: %d benches were not served", s.name, unserved)
	}
	if len(watch.seen) != benches {
		b.Errorf("%s: %d clients asked, want %d", s.name, len(watch.seen), benches)
	}
	p.Signal(syscall.SIGTERM)
	<-p.Done()
	return took
}

// perfdhcp runs the clients. It speaks as a relay on the benches' own network
// does (giaddr is its address there), to all servers alike; the servers probe or
// do not probe as for a bench that they hear themselves. It does not repeat
// itself: what is lost is not served.
func perfdhcp(b *testing.B, where *lan.Space, patience time.Duration) {
	n := fmt.Sprint(benches)
	cmd := exec.Command("perfdhcp", "-4", "-l", lan.Link, "-r", n, "-R", n, "-n", n, "-d", "60", "-W", fmt.Sprint(patience.Microseconds()), "10.77.0.1")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	check(b, where.Do(cmd.Start))
	if err := cmd.Wait(); err != nil { // who was not served is said by the packets
		b.Logf("perfdhcp: %v", err)
	}
}

func percentile(all []time.Duration, p int) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[(len(sorted)*p+99)/100-1]
}
