package lab

import (
	"io"

	"golang.org/x/sys/unix"
)

const mib = 1 << 20

// volume is what a drive lets be read and written: a medium behind a volatile
// write cache.
type volume struct {
	sector int
	medium *medium
	cache  *cache
	lies   *Lies

	touched map[int64]bool // MiB that were read or written since power-on
	shown   *medium        // what reads yield instead of the medium, if not nil
	kept    *medium        // what was there before the last erasure
	reads   int            // requests since then
}

func newVolume(size int64, sector, cacheBytes int, content fill, lies *Lies) *volume {
	return &volume{
		sector: sector, medium: newMedium(size, content), cache: newCache(cacheBytes),
		lies: lies, touched: map[int64]bool{},
	}
}

// read serves a read request. With fua it comes from the medium: what is cached
// for these sectors is written there first (NVM section 3.2.4).
func (v *volume) read(p []byte, off int64, fua bool) (int, error) {
	if v.reads++; v.lies.RestoreAtRead > 0 && v.reads >= v.lies.RestoreAtRead {
		v.restore()
	}
	return v.request(p, off, v.lies.FailRead, func(part []byte, at int64) {
		if fua {
			each(part, at, func(_ []byte, index int64, _ int) { v.commit(index) })
			v.medium.read(part, at)
			return
		}
		source := v.medium
		if v.shown != nil {
			source = v.shown
		}
		source.read(part, at)
		v.cache.over(part, at)
	})
}

func (v *volume) write(p []byte, off int64) (int, error) {
	return v.request(p, off, v.lies.FailWrite, func(part []byte, at int64) {
		v.cache.put(part, at, v.writeBack)
	})
}

// flush writes the cache out; amid, the older half of it.
func (v *volume) flush(amid bool) error {
	if v.lies.FlushLost {
		return nil
	}
	pages := append([]int64(nil), v.cache.order...)
	if amid {
		pages = pages[:len(pages)/2]
	}
	for _, index := range pages {
		v.cache.drop(index, v.writeBack)
	}
	return nil
}

func (v *volume) commit(index int64) {
	if !v.lies.FlushLost {
		v.cache.drop(index, v.writeBack)
	}
}

// writeBack puts a page of the cache onto the medium.
func (v *volume) writeBack(index int64, c *cached) {
	if v.lies.FlushLost {
		return
	}
	for n, valid := range c.valid {
		if valid {
			v.medium.write(c.data[n*512:(n+1)*512], index*page+int64(n)*512)
			if v.shown != nil {
				v.shown.write(c.data[n*512:(n+1)*512], index*page+int64(n)*512)
			}
		}
	}
}

// request checks a request as direct I/O does and cuts it where addresses wrap
// and before the first sector that fails.
func (v *volume) request(p []byte, off int64, fails func(int64) bool, do func([]byte, int64)) (int, error) {
	sector := int64(v.sector)
	switch {
	case off < 0 || off%sector != 0 || int64(len(p))%sector != 0 || !aligned(p, v.sector):
		return 0, unix.EINVAL
	case off+int64(len(p)) > v.medium.size:
		return 0, io.EOF
	}
	good := len(p)
	for at := int64(0); fails != nil && at < int64(len(p)); at += sector {
		if fails(off + at) {
			good = int(at)
			break
		}
	}
	for at := int64(0); at < int64(good); {
		to, n := off+at, int64(good)-at
		if wrap := v.lies.WrapAt; wrap > 0 {
			to %= wrap
			n = min(n, wrap-to)
		}
		for m := to / mib; m <= (to+n-1)/mib; m++ {
			v.touched[m] = true
		}
		do(p[at:at+n], to)
		at += n
	}
	if good < len(p) {
		return good, unix.EIO
	}
	return good, nil
}

// powerOff loses what was not written back.
func (v *volume) powerOff() {
	v.cache.empty()
	clear(v.touched)
}

func (v *volume) powerOn() {
	if v.lies.RestoreAtPowerOn {
		v.restore()
	}
}
