package bootwatch

// failure is how a boot ended.
type failure struct {
	kind  Kind
	place place
}

// failures is how the last two boots ended that did not reach the agent. After two
// it is said what fails while the next one is still on its way to the same place.
type failures struct {
	last, before failure
	// shim is set once shim was fetched and not started.
	shim bool
}

func (f *failures) add(now failure) {
	f.before, f.last = f.last, now
	f.shim = f.shim || now.kind == ThirdPartyCA
}

// circle is what keeps a machine that has come to a place from its agent, if its
// boots before this one say so. Where it was sent different ways, the one that led
// further says more.
func (f *failures) circle(at place) Kind {
	if f.last.kind == "" || f.before.kind == "" {
		return ""
	}
	further := f.last
	if f.before.place > further.place {
		further = f.before
	}
	if at > further.place {
		return ""
	}
	return further.kind
}
