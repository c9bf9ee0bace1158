package rig

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// newDrive starts a drive of 1 MiB whose every byte is 0xaa.
func newDrive(t *testing.T, b Behaviour) *Drive {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "medium")
	if err := os.WriteFile(file, bytes.Repeat([]byte{0xaa}, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := Start(Config{Socket: filepath.Join(dir, "s"), File: file, Model: "TEST", Serial: "S1", WWN: 0x5000000000000001, Behaviour: b})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// request sends one CDB as a guest would and returns status, sense key and data.
func request(d *Drive, cdb, send []byte, room int) (status, key byte, got []byte) {
	header := make([]byte, requestHeader)
	header[0] = 1
	copy(header[19:], cdb)
	response, in := make([]byte, responseHeader), make([]byte, room)
	d.command([][]byte{header, send}, [][]byte{response, in})
	return response[10], response[12+2] & 0xf, in
}

func rw(op byte, lba, n uint32) []byte {
	cdb := make([]byte, 10)
	cdb[0] = op
	be.PutUint32(cdb[2:], lba)
	be.PutUint16(cdb[7:], uint16(n))
	return cdb
}

func TestCapacity(t *testing.T) {
	d := newDrive(t, Behaviour{})
	_, _, b := request(d, []byte{opReadCapacity10}, nil, 8)
	if last, size := be.Uint32(b), be.Uint32(b[4:]); last != 2047 || size != 512 {
		t.Errorf("READ CAPACITY(10) = last LBA %d, %d bytes; want 2047, 512", last, size)
	}
	status, key, _ := request(d, rw(opRead10, 2047, 2), nil, 1024)
	if status != statusCheck || key != 5 {
		t.Errorf("READ past the end = status %d, sense key %d; want 2, 5", status, key)
	}
	if status, key, _ := request(d, []byte{0x85}, nil, 0); status != statusCheck || key != 5 {
		t.Errorf("ATA PASS-THROUGH(16) = status %d, sense key %d; want 2, 5", status, key)
	}
}

// TestBehaviours writes 0x55 over two sectors, flushes, and looks at what is read
// and at what the medium holds.
func TestBehaviours(t *testing.T) {
	old, written := bytes.Repeat([]byte{0xaa}, 512), bytes.Repeat([]byte{0x55}, 512)
	for _, c := range []struct {
		name          string
		b             Behaviour
		status        byte
		before, after []byte // second sector as read before and after the flush
	}{
		{"honest", Behaviour{}, 0, written, written},
		{"keeps", Keeps(512, 1024), 0, old, old},
		{"brings back", BringsBack(512, 1024), 0, written, old},
		{"fails writes", FailsWrites(512, 1024), statusCheck, old, old},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDrive(t, c.b)
			status, _, _ := request(d, rw(opWrite10, 0, 2), bytes.Repeat([]byte{0x55}, 1024), 0)
			if status != c.status {
				t.Errorf("WRITE = status %d, want %d", status, c.status)
			}
			if _, _, b := request(d, rw(opRead10, 1, 1), nil, 512); !bytes.Equal(b, c.before) {
				t.Errorf("before the flush %x..., want %x...", b[:4], c.before[:4])
			}
			if status, _, _ := request(d, []byte{opSyncCache10}, nil, 0); status != 0 {
				t.Errorf("SYNCHRONIZE CACHE = status %d", status)
			}
			if _, _, b := request(d, rw(opRead10, 1, 1), nil, 512); !bytes.Equal(b, c.after) {
				t.Errorf("after the flush %x..., want %x...", b[:4], c.after[:4])
			}
		})
	}
}

func TestWraps(t *testing.T) {
	d := newDrive(t, Wraps(512<<10))
	request(d, rw(opWrite10, 1024, 1), bytes.Repeat([]byte{0x55}, 512), 0)
	if _, _, b := request(d, rw(opRead10, 0, 1), nil, 512); b[0] != 0x55 {
		t.Errorf("sector 0 holds %x, want what was written to sector 1024", b[0])
	}
}
