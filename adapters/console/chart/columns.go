package chart

import (
	"strconv"
	"strings"
	"time"
)

// Bounds of the plot of a chart with columns or a line, in units.
const (
	plotTop    = 14
	plotBottom = 196
	plotHeight = 220 // with the labels of the horizontal axis
	columnGap  = 2
)

// Series is the values of one class, one for each bucket.
type Series struct {
	Class  string
	Values []int64
}

// Plot is a chart over time.
type Plot struct {
	Height  float64
	Bottom  float64 // coordinate of 0
	Columns []Rect
	Line    string // points of a polyline, "" for columns
	Area    string // points of the polygon under the line
	Y, X    []Tick
}

// Columns returns stacked columns of buckets that begin at from. The first series is at the
// bottom. title returns the text of the column of one bucket.
func Columns(from time.Time, step time.Duration, series []Series, title func(bucket int) string) Plot {
	buckets := 0
	for _, s := range series {
		buckets = max(buckets, len(s.Values))
	}
	greatest := int64(0)
	for i := range buckets {
		sum := int64(0)
		for _, s := range series {
			sum += s.Values[i]
		}
		greatest = max(greatest, sum)
	}
	scale := NewScale(float64(greatest), plotTop, plotBottom)
	span := Span{from, from.Add(time.Duration(buckets) * step)}
	p := Plot{Height: plotHeight, Bottom: plotBottom, Y: scale.Ticks, X: span.Ticks(8)}
	width := float64(Width) / float64(max(buckets, 1))
	for i := range buckets {
		below := int64(0)
		for _, s := range series {
			if s.Values[i] == 0 {
				continue
			}
			top, bottom := scale.Y(float64(below+s.Values[i])), scale.Y(float64(below))
			p.Columns = append(p.Columns, Rect{
				Class: s.Class, X: round(float64(i)*width + columnGap/2), Y: top,
				Width: round(width - columnGap), Height: round(bottom - top), Title: title(i),
			})
			below += s.Values[i]
		}
	}
	return p
}

// Line returns a line through values at instants, with the area under it.
func Line(at []time.Time, values []int64) Plot {
	greatest := int64(0)
	for _, v := range values {
		greatest = max(greatest, v)
	}
	scale := NewScale(float64(greatest), plotTop, plotBottom)
	p := Plot{Height: plotHeight, Bottom: plotBottom, Y: scale.Ticks}
	if len(at) < 2 {
		return p
	}
	span := Span{at[0], at[len(at)-1]}
	p.X = span.Ticks(8)
	points := make([]string, len(at))
	for i, t := range at {
		points[i] = number(span.X(t)) + "," + number(scale.Y(float64(values[i])))
	}
	p.Line = strings.Join(points, " ")
	p.Area = "0," + number(plotBottom) + " " + p.Line + " " + number(Width) + "," + number(plotBottom)
	return p
}

func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
