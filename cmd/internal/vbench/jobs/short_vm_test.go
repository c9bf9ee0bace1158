//go:build vm && !long

package jobs

const long = false
