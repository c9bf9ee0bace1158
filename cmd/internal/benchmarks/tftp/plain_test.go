//go:build bench

package tftp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"golang.org/x/sys/unix"

	"regain.example/boot"
	"regain.example/cmd/internal/benchmarks/measure"
	"regain.example/cmd/internal/vbench"
)

// clientEnv holds the file that this program fetches when it is started as a
// client: a computer on the wire without a virtual machine around it, whose own part
// of the time is small. So the server's part is seen.
const clientEnv = "REGAIN_BENCH_TFTP_FETCH"

// plainBlock is GRUB's.
const plainBlock = 1024

// BenchmarkTFTPPlain prints how long each server takes for a block, to a client that
// acknowledges at once. It needs no virtual machine.
func BenchmarkTFTPPlain(b *testing.B) {
	measure.Root(b)
	dir := prepare(b)
	took := map[string][]time.Duration{}
	for range 5 {
		for _, server := range []string{ours, hpa, dnsmasq} {
			took[server] = append(took[server], plain(b, server, dir))
		}
	}
	for _, all := range took {
		slices.Sort(all)
	}
	fmt.Printf("\nTFTP to a client without a virtual machine, blocks of %d, medians of 5; load %s\n", plainBlock, measure.Load())
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "server\tµs a block\tbest\tours/faster peer")
	for _, server := range []string{ours, hpa, dnsmasq} {
		all, ratio := took[server], ""
		if server == ours {
			ratio = fmt.Sprintf("%.2f", min(took[hpa][2], took[dnsmasq][2]).Seconds()/all[2].Seconds())
		}
		fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%s\n", server, all[2].Seconds()*1e6, all[0].Seconds()*1e6, ratio)
	}
	w.Flush()
}

// plain returns the time for one block of the kernel.
func plain(b *testing.B, server, dir string) time.Duration {
	w, err := vbench.NewWire()
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	startServer(b, w, server, dir, boot.FileShim)
	host, err := w.NewHost(netip.MustParsePrefix("10.77.0.40/24"))
	if err != nil {
		b.Fatal(err)
	}
	defer host.Close()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), clientEnv+"="+boot.FileKernel)
	var out, words strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &words
	p, err := host.Start(cmd)
	if err != nil {
		b.Fatal(err)
	}
	if err := p.Wait(b.Context()); err != nil {
		b.Fatalf("%s: %v\n%s", server, err, words.String())
	}
	ns, err := strconv.Atoi(strings.TrimSpace(out.String()))
	if err != nil {
		b.Fatal(err)
	}
	return time.Duration(ns)
}

// fetch takes the file and prints the nanoseconds for one block. The socket blocks
// in system calls, and so takes the least of the time for itself.
func fetch(name string) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	limit := unix.NsecToTimeval(int64(time.Second))
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit); err != nil {
		return err
	}
	ask := fmt.Appendf(nil, "\x00\x01%s\x00octet\x00blksize\x00%d\x00", name, plainBlock)
	service := &unix.SockaddrInet4{Port: 69, Addr: vbench.Address.Addr().As4()}
	buf := make([]byte, plainBlock+4)
	var n int
	var from unix.Sockaddr
	for tries := 0; ; tries++ { // the server may not listen yet
		if err := unix.Sendto(fd, ask, 0, service); err != nil {
			return err
		}
		if n, from, err = unix.Recvfrom(fd, buf, 0); err == nil {
			break
		}
		if !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.ECONNREFUSED) || tries == 10 {
			return fmt.Errorf("request: %w", err)
		}
	}
	if buf[1] != 6 { // RFC 2347
		return fmt.Errorf("the request is answered with %q", buf[:n])
	}
	if err := unix.Connect(fd, from); err != nil {
		return err
	}
	began, blocks := time.Now(), uint16(0)
	ack := func() error {
		_, err := unix.Write(fd, binary.BigEndian.AppendUint16([]byte{0, 4}, blocks))
		return err
	}
	for last := false; !last; {
		if err := ack(); err != nil {
			return err
		}
		for next := blocks + 1; blocks != next; {
			n, err := unix.Read(fd, buf)
			if errors.Is(err, unix.EINTR) {
				continue
			}
			if err != nil || buf[1] == 5 {
				return fmt.Errorf("after block %d: %w, %q", blocks, err, buf[:max(n, 0)])
			}
			if buf[1] == 3 && binary.BigEndian.Uint16(buf[2:]) == next { // not a repetition
				blocks, last = next, n < len(buf)
			}
		}
	}
	took := time.Since(began)
	if err := ack(); err != nil {
		return err
	}
	fmt.Println(int64(took) / int64(blocks))
	return nil
}
