package console

import (
	"image"
	"strings"

	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// Block letters are 7 characters wide and 6 high, on a text screen. They are a
// bitmap font of 7 by 13 pixels, of which rows 1 to 12 are used, two pixels to
// a character.
const (
	blockWidth = 7
	blockTop   = 1
	blockRows  = 6
)

// blocks writes s in block letters.
func blocks(s string) []string {
	out := make([]string, blockRows)
	for row := range blockRows {
		var b strings.Builder
		for _, r := range s {
			for x := range blockWidth {
				upper, lower := pixel(r, x, blockTop+2*row), pixel(r, x, blockTop+2*row+1)
				b.WriteString(block(upper, lower))
			}
		}
		out[row] = strings.TrimRight(b.String(), " ")
	}
	return out
}

func block(upper, lower bool) string {
	switch {
	case upper && lower:
		return "█"
	case upper:
		return "▀"
	case lower:
		return "▄"
	}
	return " "
}

// pixel reports whether the letter is dark at x, y from its top left corner.
func pixel(r rune, x, y int) bool {
	face := basicfont.Face7x13
	box, mask, at, _, ok := face.Glyph(fixed.P(0, face.Ascent), r)
	if !ok || !image.Pt(x, y).In(box) {
		return false
	}
	_, _, _, a := mask.At(at.X+x-box.Min.X, at.Y+y-box.Min.Y).RGBA()
	return a > 0x7fff
}
