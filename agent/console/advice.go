package console

import (
	"image"
	"strconv"
	"strings"
)

// adviceLines is the length of an advice up to which number and verdict take
// half of the screen. A longer one, such as that for several drives that are to
// be pulled, gets three quarters.
const adviceLines = 4

// longVerdict puts number and verdict on one line and the advice below, each of
// its lines apart. The letters get smaller until all fits, but no smaller than
// can be read from the bench; what does not fit then is on the progress page.
func (p *painter) longVerdict(img *image.RGBA, v View) {
	x, size := p.margin, p.h*3/20
	if v.Machine > 0 {
		number := strconv.Itoa(v.Machine)
		p.letters.draw(img, number, image.Pt(x, 0), size, white)
		x += p.letters.width(number, size) + p.margin*3/2
	}
	width := p.w - x - p.margin
	title := p.letters.fit(v.Title, p.h/10, width, 1)
	p.letters.draw(img, p.letters.clip(v.Title, title, width), image.Pt(x, size/2-title*3/5+p.margin/4), title, white)
	small := p.h / 30
	p.letters.draw(img, p.letters.clip(v.Name, small, width), image.Pt(x, size), small, white)

	area := image.Rect(p.margin, size+p.margin*3/2, p.w-p.margin, p.h*9/10)
	p.advice(img, v.Message, area)
	p.footer(img, v)
}

// advice writes s in r, its lines set apart by half a line.
func (p *painter) advice(img *image.RGBA, s string, r image.Rectangle) {
	size, least := p.h/13, p.h/32
	for size > least && p.adviceHeight(s, size, r.Dx()) > r.Dy() {
		size--
	}
	line, y := p.letters.line(size), r.Min.Y
	for paragraph := range strings.SplitSeq(s, "\n") {
		for _, words := range p.letters.wrap(paragraph, size, r.Dx()) {
			if y+2*line > r.Max.Y && p.adviceHeight(s, size, r.Dx()) > r.Dy() {
				p.letters.draw(img, more, image.Pt(r.Min.X, y), size, white)
				return
			}
			p.letters.draw(img, p.letters.clip(words, size, r.Dx()), image.Pt(r.Min.X, y), size, white)
			y += line
		}
		y += line / 2
	}
}

// adviceHeight is what advice takes for s in letters of a size.
func (p *painter) adviceHeight(s string, size, width int) int {
	line, apart := p.letters.line(size), strings.Count(s, "\n")
	return len(p.letters.wrap(s, size, width))*line + apart*(line/2)
}
