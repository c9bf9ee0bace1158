package console

import (
	"fmt"
	"strings"
	"unicode"
)

// Size writes a number of bytes as drives are sold: "256 GB".
func Size(n uint64) string {
	switch {
	case n >= 1e12:
		return fmt.Sprintf("%.1f TB", float64(n)/1e12)
	case n >= 1e9:
		return fmt.Sprintf("%.0f GB", float64(n)/1e9)
	}
	return fmt.Sprintf("%.0f MB", float64(n)/1e6)
}

// rate writes bytes a second: "480 MB/s".
func rate(r float64) string { return fmt.Sprintf("%.0f MB/s", r/1e6) }

// percent writes a fraction, never 100 before the end.
func percent(f float64) string { return fmt.Sprintf("%d %%", int(f*100)) }

// Sentence makes a sentence of an error, for a person.
func Sentence(err error) string {
	r := []rune(strings.TrimSpace(err.Error()))
	if len(r) == 0 {
		return ""
	}
	r[0] = unicode.ToUpper(r[0])
	if !strings.ContainsRune(".!?", r[len(r)-1]) {
		r = append(r, '.')
	}
	return string(r)
}
