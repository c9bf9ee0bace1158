// Package vbench is a bench without hardware: a network of its own, machines
// that are QEMU processes, and the controller on that network. The demo and the
// tests share it.
//
// # What can be left behind
//
// A Wire is a network namespace without a name: it lives as long as a process is
// in it. Every process of a bench is started with a death signal from its
// parent, so when the program that runs the bench ends, in whatever way, QEMU,
// the controller, the bridge and the taps are gone too. Only files can remain,
// in the directory of the bench, whose name carries the process's number: Sweep
// removes the directories of processes that are no more.
//
// To look into a running bench from a shell:
//
//	nsenter --net=/proc/PID-OF-A-QEMU/ns/net ip address
package vbench
