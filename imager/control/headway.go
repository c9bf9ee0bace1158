package control

import "regain.example/imager"

// gained takes note of a milestone on a drive, with its value (an offset, or 1).
// It is headway only if no boot of this job came as far: a machine that crashes at
// the same place each time reports the same steps each time. d is nil for what is
// about no drive, such as a countdown.
func (w *work) gained(d *imager.JobDrive, milestone string, value uint64) {
	if d == nil || d.Reached[milestone] >= value {
		return
	}
	if d.Reached == nil {
		d.Reached = map[string]uint64{}
	}
	d.Reached[milestone] = value
	w.j.Fruitless, w.j.Fruitful = 0, w.s.ID
}

// countBoot counts the boot that ends with a new registration, if it brought the
// job no further. again is set for the same boot's agent, which goes on.
func (w *work) countBoot(again bool) {
	if !again && w.inVain() {
		w.j.Fruitless++
	}
}

// inVain reports whether the present session is of a boot that was to work on the
// job and has not brought it further.
func (w *work) inVain() bool {
	return w.j != nil && w.s != nil && w.j.State.AwaitsAgent() && w.j.Fruitful != w.s.ID &&
		(w.j.Session == w.s.ID || w.s.Began.After(w.j.Approved))
}

// fruitless is how many boots in a row have brought the job no further, if the
// machine boots now: then the present session has ended.
func (w *work) fruitless() int {
	if w.inVain() {
		return w.j.Fruitless + 1
	}
	return w.j.Fruitless
}

// bootAgain forgets the boots in vain, the present one's too.
func (w *work) bootAgain() {
	w.j.Fruitless, w.dirty = 0, true
	if w.s != nil {
		w.j.Fruitful = w.s.ID
	}
}
