package tftp

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"regain.example/boot"
)

// TestRepeatedAcknowledgements answers each block several times: none may be sent
// twice for it, and the server must survive those that come after the end.
func TestRepeatedAcknowledgements(t *testing.T) {
	b := start(t, boot.Decision{}, known())
	for range 50 {
		conn, err := loopback()
		if err != nil {
			t.Fatal(err)
		}
		to, _ := net.ResolveUDPAddr("udp4", b.addr)
		conn.WriteToUDP(fmt.Appendf(nil, "\x00\x01%s\x00octet\x00", boot.FileShim), to)
		buf := make([]byte, 2000)
		conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		next := byte(1)
		for size := 516; size == 516; next++ {
			n, from, err := conn.ReadFromUDP(buf)
			if err != nil {
				t.Fatal(err)
			}
			if size = n; buf[3] != next {
				t.Fatalf("block %d came instead of %d", buf[3], next)
			}
			for range 1 + rand.IntN(5) {
				conn.WriteToUDP([]byte{0, 4, buf[2], buf[3]}, from)
			}
		}
		conn.Close()
	}
	time.Sleep(100 * time.Millisecond)
	if _, err := b.get(t, boot.FileBIOS, 1432); err != nil {
		t.Error(err)
	}
}

// TestLostPackets drops the first sending of each block.
func TestLostPackets(t *testing.T) {
	b := start(t, boot.Decision{}, known())
	conn, err := loopback()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	to, _ := net.ResolveUDPAddr("udp4", b.addr)
	conn.WriteToUDP([]byte("\x00\x01"+boot.FileShim+"\x00octet\x00blksize\x001400\x00"), to)
	buf := make([]byte, 2000)
	seen := map[[2]byte]int{}
	total := 0
	for done := false; !done; {
		conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		n, from, err := conn.ReadFromUDP(buf)
		if err != nil {
			t.Fatal(err)
		}
		block := [2]byte(buf[2:4])
		if buf[1] == opOAck {
			block = [2]byte{}
		}
		if seen[block]++; seen[block] == 1 {
			continue
		}
		conn.WriteToUDP([]byte{0, opAck, block[0], block[1]}, from)
		if buf[1] == opData {
			total += n - 4
			done = n < 1404
		}
	}
	if total != 512*3 {
		t.Errorf("%d bytes arrived", total)
	}
}
