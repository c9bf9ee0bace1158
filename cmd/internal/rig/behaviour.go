package rig

import "bytes"

// Behaviour is how a drive treats what it is asked. Each function returns false
// for a medium error (sense key 3); a nil one behaves as an honest drive does.
// They are called by one goroutine at a time.
type Behaviour struct {
	Write func(m *Medium, off uint64, p []byte) bool
	Read  func(m *Medium, off uint64, p []byte) bool
	Flush func(m *Medium) bool
}

func (b Behaviour) write(m *Medium, off uint64, p []byte) bool {
	if b.Write != nil {
		return b.Write(m, off, p)
	}
	copy(m.Bytes[off:], p)
	return true
}

func (b Behaviour) read(m *Medium, off uint64, p []byte) bool {
	if b.Read != nil {
		return b.Read(m, off, p)
	}
	copy(p, m.Bytes[off:])
	return true
}

func (b Behaviour) flush(m *Medium) bool {
	return b.Flush == nil || b.Flush(m)
}

// Keeps is a drive that reports every write as done and never changes the bytes
// in [from, to).
func Keeps(from, to uint64) Behaviour {
	return Behaviour{Write: func(m *Medium, off uint64, p []byte) bool {
		kept := bytes.Clone(m.Bytes[from:to])
		copy(m.Bytes[off:], p)
		copy(m.Bytes[from:to], kept)
		return true
	}}
}

// BringsBack is a drive that takes every write in [from, to), shows it until the
// cache is flushed, and then has its former content again.
func BringsBack(from, to uint64) Behaviour {
	var former []byte
	return Behaviour{
		Write: func(m *Medium, off uint64, p []byte) bool {
			if former == nil {
				former = bytes.Clone(m.Bytes[from:to])
			}
			copy(m.Bytes[off:], p)
			return true
		},
		Flush: func(m *Medium) bool {
			copy(m.Bytes[from:to], former)
			return true
		},
	}
}

// Wraps is a drive that is sold larger than it is: addresses from size on are
// those from 0 again.
func Wraps(size uint64) Behaviour {
	return Behaviour{
		Write: func(m *Medium, off uint64, p []byte) bool {
			for i := range p {
				m.Bytes[(off+uint64(i))%size] = p[i]
			}
			return true
		},
		Read: func(m *Medium, off uint64, p []byte) bool {
			for i := range p {
				p[i] = m.Bytes[(off+uint64(i))%size]
			}
			return true
		},
	}
}

// FailsWrites is a drive with sectors in [from, to) that can no longer be
// written. They can still be read, with what they held.
func FailsWrites(from, to uint64) Behaviour {
	return Behaviour{Write: func(m *Medium, off uint64, p []byte) bool {
		if off < to && off+uint64(len(p)) > from {
			return false
		}
		copy(m.Bytes[off:], p)
		return true
	}}
}
