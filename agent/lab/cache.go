package lab

// cache is a drive's volatile write cache. A power cut empties it.
type cache struct {
	limit int // pages
	dirty map[int64]*cached
	order []int64 // of the pages, oldest first
}

type cached struct {
	data  [page]byte
	valid [page / 512]bool
}

func newCache(bytes int) *cache {
	return &cache{limit: bytes / page, dirty: map[int64]*cached{}}
}

// put keeps whole sectors, and hands what no longer fits to out.
func (c *cache) put(p []byte, off int64, out func(index int64, c *cached)) {
	each(p, off, func(part []byte, index int64, at int) {
		entry, ok := c.dirty[index]
		if !ok {
			entry = &cached{}
			c.dirty[index] = entry
			c.order = append(c.order, index)
		}
		copy(entry.data[at:], part)
		for n := at / 512; n < (at+len(part))/512; n++ {
			entry.valid[n] = true
		}
	})
	for len(c.order) > c.limit {
		c.drop(c.order[0], out)
	}
}

// over lays what is cached over what was read from the medium.
func (c *cache) over(p []byte, off int64) {
	each(p, off, func(part []byte, index int64, at int) {
		if entry, ok := c.dirty[index]; ok {
			entry.copyTo(part, at)
		}
	})
}

// drop hands one page to out and forgets it.
func (c *cache) drop(index int64, out func(int64, *cached)) {
	entry, ok := c.dirty[index]
	if !ok {
		return
	}
	delete(c.dirty, index)
	for n, i := range c.order {
		if i == index {
			c.order = append(c.order[:n], c.order[n+1:]...)
			break
		}
	}
	out(index, entry)
}

func (c *cache) empty() {
	clear(c.dirty)
	c.order = nil
}

// copyTo copies the valid sectors from an offset of the page.
func (e *cached) copyTo(p []byte, at int) {
	for n := range len(p) / 512 {
		if e.valid[at/512+n] {
			copy(p[n*512:(n+1)*512], e.data[at+n*512:])
		}
	}
}
