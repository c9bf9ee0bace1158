package console

import (
	"image"
	"image/color"
	"image/draw"
	"strconv"
)

// The colours. White on each of the dark ones has a contrast of at least 5:1
// (WCAG 2.1, 1.4.3), so that the words can be read where the colours cannot.
var (
	white = color.RGBA{255, 255, 255, 255}
	grey  = color.RGBA{190, 198, 208, 255}
	night = color.RGBA{16, 24, 36, 255}
	track = color.RGBA{52, 64, 82, 255}
	blue  = color.RGBA{36, 98, 186, 255}
	brown = color.RGBA{150, 84, 0, 255}
	amber = color.RGBA{255, 190, 40, 255}
	green = color.RGBA{10, 120, 50, 255}
	red   = color.RGBA{176, 16, 32, 255}
)

// painter draws views on images of one size.
type painter struct {
	letters *letters
	w, h    int
	margin  int
}

func newPainter(w, h int) (*painter, error) {
	l, err := newLetters()
	if err != nil {
		return nil, err
	}
	return &painter{letters: l, w: w, h: h, margin: h / 24}, nil
}

// paint draws v over the whole image. All sizes are fractions of its height:
// letters of a 19th of a screen can be read from three metres.
func (p *painter) paint(img *image.RGBA, v View) {
	back := night
	switch v.Mood {
	case Green:
		back = green
	case Red:
		back = red
	}
	fill(img, img.Bounds(), back)
	if v.Mood == Green || v.Mood == Red {
		p.verdict(img, v)
		return
	}
	y := p.header(img, v)
	y = p.message(img, v, y)
	if v.Countdown > 0 {
		p.countdown(img, v.Countdown, y)
	} else {
		p.bars(img, v.Drives, y)
	}
	p.footer(img, v)
}

// header draws the machine's number, and beside it the title and the machine's
// name. It returns where the next part begins.
func (p *painter) header(img *image.RGBA, v View) int {
	x, big := p.margin, p.h*3/10
	if v.Machine > 0 {
		number := strconv.Itoa(v.Machine)
		p.letters.draw(img, number, image.Pt(x, 0), big, white)
		x += p.letters.width(number, big) + p.margin*3/2
	}
	width := p.w - x - p.margin
	titleColor := white
	if v.Mood == Caution {
		titleColor = amber
	}
	size := p.letters.fit(v.Title, p.h/8, width, 2)
	y := p.margin
	for _, line := range p.letters.wrap(v.Title, size, width) {
		p.letters.draw(img, line, image.Pt(x, y), size, titleColor)
		y += p.letters.line(size)
	}
	small := p.h / 22
	p.letters.draw(img, p.letters.clip(v.Name, small, width), image.Pt(x, y+p.margin/4), small, grey)
	if v.Machine > 0 {
		return max(big+p.margin/2, y+small*2)
	}
	return max(p.h/4, y+small*2)
}

// message draws what is awaited, or what to do.
func (p *painter) message(img *image.RGBA, v View, y int) int {
	if v.Message == "" {
		return y
	}
	bottom := p.h * 9 / 10
	if len(v.Drives) > 0 || v.Countdown > 0 {
		bottom = y + p.h/8
	}
	return p.block(img, v.Message, image.Rect(p.margin, y, p.w-p.margin, bottom), p.h/15) + p.margin/2
}

func (p *painter) paragraph(img *image.RGBA, s string, y, size int, c color.Color) int {
	for _, line := range p.letters.wrap(s, size, p.w-2*p.margin) {
		p.letters.draw(img, line, image.Pt(p.margin, y), size, c)
		y += p.letters.line(size)
	}
	return y
}

// countdown draws the seconds as large as the rest of the screen allows.
func (p *painter) countdown(img *image.RGBA, left, y int) {
	size := min(p.h-y-p.h/12, p.h/2)
	s := strconv.Itoa(left)
	p.letters.draw(img, s, image.Pt((p.w-p.letters.width(s, size))/2, y), size, amber)
}

// verdict fills the screen: number, verdict, advice.
func (p *painter) verdict(img *image.RGBA, v View) {
	if len(p.letters.wrap(v.Message, p.h/15, p.w-2*p.margin)) > adviceLines {
		p.longVerdict(img, v)
		return
	}
	y := 0
	if v.Machine > 0 {
		p.letters.draw(img, strconv.Itoa(v.Machine), image.Pt(p.margin, y), p.h*3/10, white)
		small := p.h / 22
		name := p.letters.clip(v.Name, small, p.w/2)
		p.letters.draw(img, name, image.Pt(p.w-p.margin-p.letters.width(name, small), p.margin), small, white)
		y = p.h * 3 / 10
	}
	y = p.block(img, v.Title, image.Rect(p.margin, y+p.margin/2, p.w-p.margin, p.h*11/20), p.h/5)
	p.block(img, v.Message, image.Rect(p.margin, y+p.margin/2, p.w-p.margin, p.h*9/10), p.h/13)
	p.footer(img, v)
}

// block writes s as large as fits in r, at most in letters of the given size,
// and returns where it ends.
func (p *painter) block(img *image.RGBA, s string, r image.Rectangle, size int) int {
	size = p.letters.fit(s, size, r.Dx(), max(1, r.Dy()/p.letters.line(size)))
	for size > 12 && len(p.letters.wrap(s, size, r.Dx()))*p.letters.line(size) > r.Dy() {
		size--
	}
	return p.paragraph(img, s, r.Min.Y, size, white)
}

// footer draws the last line: the warning, if there is one, larger.
func (p *painter) footer(img *image.RGBA, v View) {
	s, size, c := v.Footer, p.h/32, color.Color(grey)
	if v.Warning != "" {
		s, size, c = v.Warning, p.h/22, amber
	}
	p.letters.draw(img, p.letters.clip(s, size, p.w-2*p.margin), image.Pt(p.margin, p.h-size*8/5), size, c)
}

func fill(img *image.RGBA, r image.Rectangle, c color.Color) {
	draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
}
