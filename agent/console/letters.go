package console

import (
	"fmt"
	"image"
	"image/color"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// letters draws text in any size. The Go font is sans-serif, made for screens,
// and covers Latin, Greek and Cyrillic.
type letters struct {
	font  *opentype.Font
	faces map[int]font.Face // by height in pixels
}

func newLetters() (*letters, error) {
	f, err := opentype.Parse(gobold.TTF)
	if err != nil {
		return nil, fmt.Errorf("parse font: %w", err)
	}
	return &letters{font: f, faces: map[int]font.Face{}}, nil
}

// face returns the font with an em of the given number of pixels.
func (l *letters) face(pixels int) font.Face {
	pixels = max(pixels, 6)
	if f, ok := l.faces[pixels]; ok {
		return f
	}
	f, err := opentype.NewFace(l.font, &opentype.FaceOptions{Size: float64(pixels), DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		panic(err) // no error is possible for a parsed font and a positive size
	}
	l.faces[pixels] = f
	return f
}

// width is that of s in pixels.
func (l *letters) width(s string, pixels int) int {
	return font.MeasureString(l.face(pixels), s).Ceil()
}

// draw writes s with its top left corner at p.
func (l *letters) draw(on *image.RGBA, s string, p image.Point, pixels int, c color.Color) {
	face := l.face(pixels)
	d := font.Drawer{Dst: on, Src: image.NewUniform(c), Face: face,
		Dot: fixed.P(p.X, p.Y+face.Metrics().Ascent.Round())}
	d.DrawString(s)
}

// line is the distance of two lines.
func (l *letters) line(pixels int) int { return pixels * 6 / 5 }

// wrap breaks s into lines no wider than width. Lines that s has stay apart; a
// word that is wider stands alone.
func (l *letters) wrap(s string, pixels, width int) []string {
	return wrapWords(s, func(line string) bool { return l.width(line, pixels) <= width })
}

// fit returns the largest size, at most pixels, at which s takes no more than
// the given width and number of lines.
func (l *letters) fit(s string, pixels, width, lines int) int {
	for ; pixels > 12; pixels -= max(1, pixels/20) {
		broken := l.wrap(s, pixels, width)
		ok := len(broken) <= lines
		for _, b := range broken {
			ok = ok && l.width(b, pixels) <= width
		}
		if ok {
			break
		}
	}
	return pixels
}

// clip shortens s to the given width.
func (l *letters) clip(s string, pixels, width int) string {
	if l.width(s, pixels) <= width {
		return s
	}
	r := []rune(s)
	for len(r) > 0 && l.width(string(r)+"…", pixels) > width {
		r = r[:len(r)-1]
	}
	return string(r) + "…"
}
