package verdict

import (
	"encoding/binary"
	"strings"

	"regain.example/agent/api"
	"regain.example/imager"
)

// identified compares the raw identify data, where it was kept, with what the
// drive is said to be. (NVM Express Base Specification 2.0, figure 275: serial in
// bytes 23:4, model in bytes 63:24; NVM Command Set Specification 1.0, figure 97:
// size in logical blocks in bytes 7:0.)
func identified(plan imager.JobDrive, ev *api.DriveEvidence) *fault {
	d := plan.Drive
	for _, id := range []*api.Identify{ev.IdentifyBefore, ev.IdentifyAfter} {
		if id == nil || d.NVMe == nil {
			continue
		}
		if c := id.Controller; len(c) > 0 && (len(c) != 4096 || field(c[4:24]) != words(d.Serial) || field(c[24:64]) != words(d.Model)) {
			return contradiction.because("the identify data are not those of a drive %s, serial %s", d.Model, d.Serial)
		}
		if n := id.Namespace; len(n) > 0 && (len(n) != 4096 || binary.LittleEndian.Uint64(n)*uint64(d.NVMe.LBADataSize) != d.SizeBytes) {
			return contradiction.because("the identify data are not those of a namespace of %d bytes", d.SizeBytes)
		}
	}
	return nil
}

// field reads an ASCII field: spaces pad it, and firmware uses zeros too.
func field(b []byte) string {
	text := make([]rune, len(b))
	for i, c := range b {
		text[i] = rune(c)
	}
	return words(string(text))
}

// words is a text as drives are known by it: printable ASCII, in single spaces.
func words(s string) string {
	printable := strings.Map(func(r rune) rune {
		if r > ' ' && r <= '~' {
			return r
		}
		return ' '
	}, s)
	return strings.Join(strings.Fields(printable), " ")
}
