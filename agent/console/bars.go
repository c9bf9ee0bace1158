package console

import (
	"fmt"
	"image"
	"image/color"
)

// oneColumn is the most drives that are drawn across the whole screen; more
// stand in two columns.
const oneColumn = 5

// bars draws one row for each drive: name and percent above a bar, what is being
// done inside it. Rows shrink until they can no longer be read; what does not
// fit then is counted.
func (p *painter) bars(img *image.RGBA, bars []Bar, y int) {
	if len(bars) == 0 {
		return
	}
	columns := 1
	if len(bars) > oneColumn {
		columns = 2
	}
	bottom := p.h - p.h/14
	rows := (len(bars) + columns - 1) / columns
	row := min(p.h/6, (bottom-y)/rows)
	shown := bars
	if least := p.h / 15; row < least {
		row = least
		y += row / 2
		rows = (bottom - y) / row
		shown = bars[:min(len(bars), columns*rows)]
		more := fmt.Sprintf("The first %d of %d drives", len(shown), len(bars))
		p.letters.draw(img, more, image.Pt(p.margin, y-row/2), row*2/5, grey)
	}
	width := (p.w - (columns+1)*p.margin) / columns
	for i, b := range shown {
		x := p.margin + i/rows*(width+p.margin)
		p.bar(img, b, image.Rect(x, y+i%rows*row, x+width, y+(i%rows+1)*row))
	}
}

func (p *painter) bar(img *image.RGBA, b Bar, r image.Rectangle) {
	row := r.Dy()
	size := row * 7 / 20
	c := barColor(b)
	right := r.Max.X
	if !b.Done && b.Fraction >= 0 {
		s := percent(b.Fraction)
		right -= p.letters.width(s, size)
		p.letters.draw(img, s, image.Pt(right, r.Min.Y), size, white)
	}
	label := size * 9 / 10
	p.letters.draw(img, p.letters.clip(b.Label, label, right-r.Min.X-p.margin/2), image.Pt(r.Min.X, r.Min.Y), label, white)

	box := image.Rect(r.Min.X, r.Min.Y+row*9/20, r.Max.X, r.Min.Y+row*17/20)
	fill(img, box, track)
	if b.Fraction > 0 {
		fill(img, image.Rect(box.Min.X, box.Min.Y, box.Min.X+int(float64(box.Dx())*min(b.Fraction, 1)), box.Max.Y), c)
	}
	inside := row * 3 / 10
	p.letters.draw(img, p.letters.clip(doing(b), inside, box.Dx()-p.margin), image.Pt(box.Min.X+inside/2, box.Min.Y+inside/20), inside, white)
}

func barColor(b Bar) color.Color {
	switch {
	case b.Bad:
		return brown
	case b.Done:
		return green
	}
	return blue
}

// doing is what is being done to a drive, and how fast.
func doing(b Bar) string {
	if b.Rate > 0 && !b.Done {
		return b.State + "   " + rate(b.Rate)
	}
	return b.State
}
