package chain

import (
	"slices"

	"regain.example/boot"
)

// way is what fetches the first loader. One firmware may have both, and what
// came of the one says nothing of the other.
type way string

const (
	wayBIOS way = "" // one chain: nothing to choose, and nothing to remember
	wayPXE  way = "pxe"
	wayHTTP way = "http"
)

// chains lists each way's chains in the order in which they are tried. Shim comes
// before iPXE since it starts with Secure Boot on and off; iPXE is for firmware
// on which shim or GRUB does not run.
func (w way) chains() []boot.Chain {
	switch w {
	case wayBIOS:
		return []boot.Chain{boot.ChainIPXE}
	case wayPXE:
		return []boot.Chain{boot.ChainShim, boot.ChainIPXE}
	case wayHTTP:
		return []boot.Chain{boot.ChainImage, boot.ChainIPXE}
	}
	return nil
}

// wayOf is the way of c's firmware. One that is not served has none either.
func wayOf(c boot.Client) way {
	switch {
	case c.Arch == boot.ArchEFI64HTTP:
		return wayHTTP
	case c.Arch.UEFI():
		return wayPXE
	}
	return wayBIOS
}

// reach is how far an attempt came.
type reach int

const (
	begun   reach = iota // the firmware asked for the first loader
	started              // the loader runs: it fetched its script
	ended                // it came to what it was to boot
)

// attempt is the last one of a machine by one way.
type attempt struct {
	Chain boot.Chain `json:"chain"`
	// Failed counts the attempts by this chain in a row that did not end well,
	// without the present one.
	Failed int `json:"failed,omitempty"`
	// Proven is set once the chain has led to the end.
	Proven bool  `json:"proven,omitempty"`
	Reach  reach `json:"reach"`
}

// patience is how many attempts a chain has that is proven, or whose loader at
// least starts: the failure may be a cable's, or a technician's who switched the
// machine off.
const patience = 2

// next chooses the chain of the next attempt after last; nil is none.
func next(w way, last *attempt) boot.Chain {
	chains := w.chains()
	if last == nil || !slices.Contains(chains, last.Chain) {
		return chains[0]
	}
	tries := 1
	if last.Proven || last.Reach >= started {
		tries = patience
	}
	if last.Reach == ended || last.Failed+1 < tries {
		return last.Chain
	}
	return chains[(slices.Index(chains, last.Chain)+1)%len(chains)]
}

// again begins another attempt by chain after last, which may be nil.
func again(chain boot.Chain, last *attempt) attempt {
	a := attempt{Chain: chain}
	if last != nil && last.Chain == chain {
		a.Proven = last.Proven
		if last.Reach != ended {
			a.Failed = last.Failed + 1
		}
	}
	return a
}
