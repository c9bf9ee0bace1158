//go:build race

package lies

// raced: the race detector makes everything several times slower.
const raced = true
