package main

import "slices"

// table lists every safety check, house by house. Its files are its
// documentation: name of the check, file, the check, and the test that misses it.
func table() []mutant {
	return slices.Concat(drives(), erasing(), running(), installing(), images(), verdicts(), sessions(), approval(), recording(), booting(), chains(), transfers(), loops(), enrolling(), addressing(), hardware())
}
