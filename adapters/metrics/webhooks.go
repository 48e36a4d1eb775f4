package metrics

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// deliveryStates are the states of a delivery after an attempt.
var deliveryStates = []string{"delivered", "pending", "failed"}

// webhooks counts the attempts to deliver events to webhook endpoints, by the name of the
// endpoint.
type webhooks struct {
	deliveries     *prometheus.CounterVec
	failedAttempts *prometheus.GaugeVec

	mu       sync.Mutex
	failures map[string]int // failed attempts of the current event, by endpoint
}

// set stores the failed attempts of an endpoint.
func (w *webhooks) set(endpoint string, failures int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failures[endpoint] = failures
}

// Webhooks returns the number of endpoints, and of those whose last attempt has failed.
func (m *Metrics) Webhooks() (all, failing int) {
	w := &m.webhooks
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, failures := range w.failures {
		if failures > 0 {
			failing++
		}
	}
	return len(w.failures), failing
}

func newWebhooks() webhooks {
	return webhooks{
		failures: make(map[string]int),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "authledger_webhook_deliveries_total", Help: "Number of attempts to deliver an event, by endpoint and by the state of the delivery after the attempt.",
		}, []string{"endpoint", "state"}),
		failedAttempts: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "authledger_webhook_failed_attempts", Help: "Number of failed attempts to deliver the current event of an endpoint; later events of the endpoint wait.",
		}, []string{"endpoint"}),
	}
}

// Endpoint creates the metrics of an endpoint with the value 0, because the rate function
// of Prometheus needs a first value.
func (m *Metrics) Endpoint(name string) {
	for _, state := range deliveryStates {
		m.webhooks.deliveries.WithLabelValues(name, state)
	}
	m.webhooks.failedAttempts.WithLabelValues(name)
	m.webhooks.set(name, 0)
}

// Delivered counts an attempt by the state of its delivery, unless state is "", and stores
// the number of failed attempts of the endpoint's current event.
func (m *Metrics) Delivered(endpoint, state string, failedAttempts int) {
	if state != "" {
		m.webhooks.deliveries.WithLabelValues(endpoint, state).Inc()
	}
	m.webhooks.failedAttempts.WithLabelValues(endpoint).Set(float64(failedAttempts))
	m.webhooks.set(endpoint, failedAttempts)
}

// RemoveEndpoint deletes the metrics of an endpoint.
func (m *Metrics) RemoveEndpoint(name string) {
	m.webhooks.deliveries.DeletePartialMatch(prometheus.Labels{"endpoint": name})
	m.webhooks.failedAttempts.DeleteLabelValues(name)
	m.webhooks.mu.Lock()
	defer m.webhooks.mu.Unlock()
	delete(m.webhooks.failures, name)
}
