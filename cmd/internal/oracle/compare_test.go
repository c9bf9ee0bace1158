package oracle

import (
	"bytes"
	"errors"
	"io"
	"math"
	"slices"
	"testing"
	"testing/iotest"
)

const imageBytes = 2*compareChunk + 1536

func TestCompare(t *testing.T) {
	image := random(imageBytes)
	flip := func(offs ...int) []byte {
		b := append(bytes.Clone(image), make([]byte, 4096)...) // a drive may be larger
		for _, off := range offs {
			b[off] ^= 1 << (off % 8)
		}
		return b
	}
	const border = compareChunk
	for name, c := range map[string]struct {
		drive  []byte
		except []Range
		want   Diff
	}{
		"equal":            {flip(), nil, Diff{Compared: imageBytes}},
		"drive just fits":  {image, nil, Diff{Compared: imageBytes}},
		"one bit":          {flip(777), nil, Diff{Compared: imageBytes, Differing: 1, First: []Range{{777, 1}}}},
		"first and last":   {flip(0, imageBytes-1), nil, Diff{Compared: imageBytes, Differing: 2, First: []Range{{0, 1}, {imageBytes - 1, 1}}}},
		"after the image":  {flip(imageBytes), nil, Diff{Compared: imageBytes}},
		"near are one":     {flip(10, 500), nil, Diff{Compared: imageBytes, Differing: 2, First: []Range{{10, 491}}}},
		"across pieces":    {flip(border-1, border), nil, Diff{Compared: imageBytes, Differing: 2, First: []Range{{border - 1, 2}}}},
		"excepted":         {flip(100, 149), []Range{{100, 50}}, Diff{Compared: imageBytes - 50}},
		"beside exception": {flip(99, 150), []Range{{100, 50}}, Diff{Compared: imageBytes - 50, Differing: 2, First: []Range{{99, 52}}}},
		"unsorted, overlapping, touching": {flip(100, 149, 5000), []Range{{5000, 1}, {120, 30}, {100, 30}, {150, 10}},
			Diff{Compared: imageBytes - 61}},
		"exception across pieces": {flip(border-5, border+5, border+10), []Range{{border - 5, 15}},
			Diff{Compared: imageBytes - 15, Differing: 1, First: []Range{{border + 10, 1}}}},
		"exception of whole pieces": {flip(1, border+7, 2*border+2), []Range{{1, 2*border + 1}},
			Diff{Compared: imageBytes - 2*border - 1, Differing: 1, First: []Range{{2*border + 2, 1}}}},
		"exception ends at border": {flip(border), []Range{{border - 9, 9}},
			Diff{Compared: imageBytes - 9, Differing: 1, First: []Range{{border, 1}}}},
		"exception past the image": {flip(imageBytes-1, imageBytes+9), []Range{{imageBytes - 1, 5000}},
			Diff{Compared: imageBytes - 1}},
		"empty exception": {flip(64), []Range{{64, 0}}, Diff{Compared: imageBytes, Differing: 1, First: []Range{{64, 1}}}},
	} {
		t.Run(name, func(t *testing.T) {
			c.want.RawBytes = imageBytes
			got, err := Compare(write(t, c.drive), bytes.NewReader(image), imageBytes, c.except)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got.First, c.want.First) || got.Compared != c.want.Compared ||
				got.Differing != c.want.Differing || got.RawBytes != c.want.RawBytes {
				t.Errorf("%+v, want %+v", got, c.want)
			}
			if got.Equal() != (c.want.Differing == 0) {
				t.Errorf("Equal() is %v", got.Equal())
			}
		})
	}
}

func TestCompareListsSixteen(t *testing.T) {
	image := random(imageBytes)
	drive := bytes.Clone(image)
	for i := range 40 {
		drive[i*1024]++
	}
	d, err := Compare(write(t, drive), bytes.NewReader(image), imageBytes, nil)
	if err != nil || d.Differing != 40 || len(d.First) != listed || d.First[15] != (Range{15 * 1024, 1}) {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestCompareErrors(t *testing.T) {
	image := random(imageBytes)
	whole := write(t, image)
	for name, c := range map[string]struct {
		drive  string
		image  io.Reader
		raw    int64
		except []Range
		part   string
	}{
		"drive too small":   {write(t, image[:imageBytes-1]), bytes.NewReader(image), imageBytes, nil, "read the drive"},
		"drive empty":       {write(t, nil), bytes.NewReader(image), imageBytes, nil, "read the drive"},
		"no drive":          {whole + "x", bytes.NewReader(image), imageBytes, nil, "no such file"},
		"image cut short":   {whole, bytes.NewReader(image[:imageBytes-1]), imageBytes, nil, "read the image"},
		"image ends at 1 M": {whole, bytes.NewReader(image[:compareChunk]), imageBytes, nil, "unexpected EOF"},
		"image too long":    {whole, bytes.NewReader(image), imageBytes - 1, nil, "longer"},
		"image unreadable":  {whole, iotest.ErrReader(errors.New("bad frame")), imageBytes, nil, "bad frame"},
		"nothing compared":  {whole, bytes.NewReader(image), imageBytes, []Range{{0, imageBytes}}, "nothing is left"},
		"no image":          {whole, bytes.NewReader(nil), 0, nil, "nothing is left"},
		"size below 0":      {whole, bytes.NewReader(nil), -1, nil, "nothing is left"},
		"offset below 0":    {whole, bytes.NewReader(image), imageBytes, []Range{{-1, 5}}, "bad range"},
		"length below 0":    {whole, bytes.NewReader(image), imageBytes, []Range{{5, -1}}, "bad range"},
		"range too far":     {whole, bytes.NewReader(image), imageBytes, []Range{{1, math.MaxInt64}}, "bad range"},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Compare(c.drive, c.image, c.raw, c.except)
			mustFail(t, err, c.part)
			if d.Compared != 0 {
				t.Errorf("an error with a result: %+v", d)
			}
		})
	}
}
