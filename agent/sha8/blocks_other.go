//go:build !amd64

package sha8

func available() bool { return false }

func compress(*[8][8]uint32, *[8]*byte, int) { panic("sha8: not on this processor") }
