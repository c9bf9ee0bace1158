package lab

import "maps"

// page is the unit in which content is kept, in bytes.
const page = 4096

// fill writes what a page holds that was not written since the last erasure.
type fill func(index int64, p []byte)

// medium is what survives a power cut. Pages are never changed in place, so that
// a copy costs little.
type medium struct {
	size  int64
	base  fill
	pages map[int64][]byte
}

func newMedium(size int64, base fill) *medium {
	return &medium{size: size, base: base, pages: map[int64][]byte{}}
}

// read copies content from an offset; it may cross pages.
func (m *medium) read(p []byte, off int64) {
	each(p, off, func(part []byte, index int64, at int) { copy(part, m.at(index)[at:]) })
}

func (m *medium) write(p []byte, off int64) {
	each(p, off, func(part []byte, index int64, at int) {
		changed := append([]byte(nil), m.at(index)...)
		copy(changed[at:], part)
		m.pages[index] = changed
	})
}

func (m *medium) at(index int64) []byte {
	if p, ok := m.pages[index]; ok {
		return p
	}
	p := make([]byte, page)
	m.base(index, p)
	return p
}

// erase replaces what lies below an offset by a new base; old is the base of
// what lies above.
func (m *medium) erase(below int64, now, old fill) {
	limit := (below + page - 1) / page
	maps.DeleteFunc(m.pages, func(index int64, _ []byte) bool { return index < limit })
	m.base = func(index int64, p []byte) {
		if index < limit {
			now(index, p)
			return
		}
		old(index, p)
	}
	if below >= m.size {
		m.base = now
	}
}

func (m *medium) clone() *medium {
	return &medium{size: m.size, base: m.base, pages: maps.Clone(m.pages)}
}

// each cuts a range at the pages' borders.
func each(p []byte, off int64, do func(part []byte, index int64, at int)) {
	for len(p) > 0 {
		at := int(off % page)
		n := min(len(p), page-at)
		do(p[:n], off/page, at)
		p, off = p[n:], off+int64(n)
	}
}
