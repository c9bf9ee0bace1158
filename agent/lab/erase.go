package lab

// eraseTo erases a volume from its beginning to an offset; old is what lay there
// before the operation began. What the cache holds of it is erased too.
func (v *volume) eraseTo(below int64, now, old fill) {
	v.cache.empty()
	switch lies := v.lies; {
	case lies.EraseNothing:
	case lies.ShowErased:
		if v.shown == nil {
			v.shown = v.medium.clone()
		}
		v.shown.erase(below, now, old)
	case lies.EraseTouched:
		v.eraseTouched(below, now)
	default:
		v.medium.erase(below, now, old)
	}
}

// beginErase remembers what is there, for lies, and returns what lies beneath
// the pages that were written since the last erasure.
func (v *volume) beginErase() fill {
	v.flush(false) //nolint:errcheck // never fails
	v.kept, v.reads = v.medium.clone(), 0
	if v.shown != nil {
		return v.shown.base
	}
	return v.medium.base
}

func (v *volume) eraseTouched(below int64, now fill) {
	for m := range v.touched {
		for index := m * mib / page; index < (m+1)*mib/page && index*page < below; index++ {
			p := make([]byte, page)
			now(index, p)
			v.medium.pages[index] = p
		}
	}
}

// restore brings back what the last erasure erased.
func (v *volume) restore() {
	if v.kept != nil {
		v.medium, v.kept = v.kept, nil
		v.cache.empty()
	}
}
