package doctor

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// clock checks that the time can be trusted: evidence is dated by it.
func (d *Doctor) clock(context.Context) []Finding {
	const what = "clock"
	now := d.Now().UTC()
	text := now.Format(time.RFC3339)
	if now.Before(d.Built) {
		return one(Fail, what, fmt.Sprintf("it says %s, but this program was built on %s", text, d.Built.UTC().Format(time.RFC3339)),
			"set the clock (timedatectl set-time), or let it follow a time server")
	}
	// adjtimex(2): TIME_ERROR means that nothing disciplines the clock.
	var t unix.Timex
	if state, err := unix.Adjtimex(&t); err != nil {
		return one(Warn, what, "the kernel does not say whether it is synchronised: "+err.Error(), "")
	} else if state == unix.TIME_ERROR {
		return one(Warn, what, text+", not synchronised", "install chrony or systemd-timesyncd, or check the time by hand")
	}
	return one(OK, what, text+", synchronised", "")
}
