package plan

import "regain.example/agent/api"

// Storage says which storage of the machine is not accounted for by a drive, and
// what to do about each; empty if nothing is missing.
func Storage(inv api.Inventory) []string { return nil }
