package chart

// DaysPlot is a chart with one column for each day.
type DaysPlot struct {
	Height, Bottom float64
	Columns        []Rect
	Limits, Y      []Tick
	Labels         []Mark // one for each day
	Band           float64
}

// Days returns columns of the values of days, and lines at those limits that fit. The lowest
// limit always fits.
func Days(values, limits []float64) DaysPlot {
	greatest := 0.0
	for _, v := range values {
		greatest = max(greatest, v)
	}
	lowest := 0.0
	for _, l := range limits {
		if lowest == 0 || l < lowest {
			lowest = l
		}
	}
	scale := NewScale(max(greatest, lowest), plotTop, plotBottom)
	p := DaysPlot{Height: plotHeight, Bottom: plotBottom, Y: scale.Ticks,
		Band: round(float64(Width) / float64(max(len(values), 1)))}
	for _, l := range limits {
		if l <= scale.Max {
			p.Limits = append(p.Limits, Tick{At: scale.Y(l), Value: l})
		}
	}
	for i, v := range values {
		left := round(float64(i) * p.Band)
		p.Labels = append(p.Labels, Mark{X: left, Y: round(left + p.Band/2)})
		r := Rect{X: round(left + p.Band/4), Width: round(p.Band / 2), Y: scale.Y(v)}
		r.Height = round(plotBottom - r.Y)
		p.Columns = append(p.Columns, r)
	}
	return p
}
