//go:build vm && long

package jobs

// long is set where every case is tried, as "make test-all" does it.
const long = true
