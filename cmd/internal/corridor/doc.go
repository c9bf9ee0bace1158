// Package corridor lets the real agent and the real controller meet over the real
// wire: agent/run with agent/erase on the drives of the laboratory, agent/link over
// TLS, imager/bench, imager/control and imager/bolt on a disk. Neither house may
// import the other; this package, which holds tests only, may import both.
//
// The oracle is the laboratory's medium.
package corridor
