package metrics

import "github.com/prometheus/client_golang/prometheus"

// deliveryStates are what becomes of a delivery.
var deliveryStates = []string{"delivered", "pending", "failed"}

// told counts what endpoints are told, by the names that an operator gave them.
type told struct {
	deliveries *prometheus.CounterVec
	turnedDown *prometheus.GaugeVec
}

func newTold() told {
	return told{
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "authledger_webhook_deliveries_total", Help: "Attempts to deliver, by endpoint and by what the delivery was then; failed: given up."}, []string{"endpoint", "state"}),
		turnedDown: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "authledger_webhook_turned_down", Help: "How often the event that an endpoint is told now was not taken; those behind it wait."}, []string{"endpoint"}),
	}
}

// Endpoint begins to tell of one, also of what has not happened yet: a rate needs its
// zero.
func (m *Metrics) Endpoint(name string) {
	for _, state := range deliveryStates {
		m.told.deliveries.WithLabelValues(name, state)
	}
	m.told.turnedDown.WithLabelValues(name)
}

// Delivered counts an attempt by the state of the delivery behind it, if there is one,
// and says how often the event that is told now was turned down.
func (m *Metrics) Delivered(endpoint, state string, turnedDown int) {
	if state != "" {
		m.told.deliveries.WithLabelValues(endpoint, state).Inc()
	}
	m.told.turnedDown.WithLabelValues(endpoint).Set(float64(turnedDown))
}

// ForgetEndpoint tells nothing more of one that was removed.
func (m *Metrics) ForgetEndpoint(name string) {
	m.told.deliveries.DeletePartialMatch(prometheus.Labels{"endpoint": name})
	m.told.turnedDown.DeleteLabelValues(name)
}
