// Package lies runs the agent's erasure on drives that lie, break or lose their
// power, and has the controller's verdict judge what it brings back. Neither
// house may import the other; this package, which holds tests only besides the
// bench they share, may import both.
//
// The oracle is the laboratory's medium: whatever a drive says, its Former counts
// what is left of its first content.
package lies
