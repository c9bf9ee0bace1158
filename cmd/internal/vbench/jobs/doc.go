// Package jobs holds the tests that run whole jobs on virtual benches: the main
// job, and one bench for each thing that may go wrong. They carry the build tag
// vm and are part of "make test"; those that carry the tag long as well, and the
// further cases of others, of "make test-all".
//
// The benches of one thing that may go wrong start from BIOS firmware with
// iPXE, the quickest real way in, and install a master image of a few MiB that
// asks for the operator's word: what is tested is over before it would boot.
package jobs
