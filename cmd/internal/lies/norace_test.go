//go:build !race

package lies

const raced = false
