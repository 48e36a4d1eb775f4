package console

import "authledger/adapters/console/chart"

// labelled sets the labels of the vertical axis of a plot.
func (v *visit) labelled(p chart.Plot) chart.Plot {
	for i := range p.Y {
		p.Y[i].Label = v.text.Count(int64(p.Y[i].Value))
	}
	return p
}
