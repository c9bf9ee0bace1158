// Package hostile tests a running controller on a network of its own: under the
// firewall rules that Regain prints, and while one bench does what it should not
// and another boots. It needs root.
package hostile
