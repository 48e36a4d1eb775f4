package httpapi

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"authledger/access"
)

// Limits of who asks how much. A credential's own rate stands with its token.
const (
	addressRate   = 50  // requests a second of an address without credentials
	addressBurst  = 200 // requests
	addressesMax  = 16384
	credentialMax = 16384 // credentials whose rate is remembered
	ipv6Prefix    = 64    // bits: what one subscriber usually has
)

// limits remembers how much was asked of late, by credential and by address.
type limits struct {
	now         func() time.Time
	credentials buckets[string]
	addresses   buckets[netip.Prefix]
}

func newLimits(now func() time.Time) *limits {
	return &limits{
		now:         now,
		credentials: buckets[string]{most: credentialMax, of: make(map[string]*rate.Limiter)},
		addresses:   buckets[netip.Prefix]{most: addressesMax, of: make(map[netip.Prefix]*rate.Limiter)},
	}
}

// credential takes n of what a caller may ask for in a second. The wait is how
// long until it would be allowed, 0 if it is.
func (l *limits) credential(c *access.Caller, n int) (wait time.Duration) {
	b := l.credentials.bucket(c.Name, l.now(), func() *rate.Limiter { return rate.NewLimiter(rate.Limit(c.Rate), max(c.Rate, commandsMax)) })
	if b.Limit() != rate.Limit(c.Rate) { // the token was made anew
		b.SetLimit(rate.Limit(c.Rate))
		b.SetBurst(max(c.Rate, commandsMax))
	}
	return take(b, l.now(), n)
}

// address takes one request of an address that shows no credentials.
func (l *limits) address(remote string) (wait time.Duration) {
	b := l.addresses.bucket(subscriber(remote), l.now(), func() *rate.Limiter { return rate.NewLimiter(addressRate, addressBurst) })
	return take(b, l.now(), 1)
}

func take(b *rate.Limiter, now time.Time, n int) time.Duration {
	if b.AllowN(now, n) {
		return 0
	}
	return max(time.Second, time.Duration(float64(n)/float64(b.Limit())*float64(time.Second)))
}

// subscriber is the network that an address stands for. What is no address
// shares one.
func subscriber(remote string) netip.Prefix {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	ip := at.Addr().Unmap().WithZone("")
	bits := ip.BitLen()
	if ip.Is6() {
		bits = ipv6Prefix
	}
	p, _ := ip.Prefix(bits) // of an address of that length
	return p
}

// buckets are limiters by key, at most so many.
type buckets[K comparable] struct {
	most int
	mu   sync.Mutex
	of   map[K]*rate.Limiter
}

func (b *buckets[K]) bucket(key K, now time.Time, fresh func() *rate.Limiter) *rate.Limiter {
	b.mu.Lock()
	defer b.mu.Unlock()
	found, ok := b.of[key]
	if ok {
		return found
	}
	if len(b.of) >= b.most {
		b.forget(now)
	}
	found = fresh()
	b.of[key] = found
	return found
}

// forget drops those that are full again, which a fresh one equals; if there are
// none, any one: an attacker with that many addresses gains a burst by it.
func (b *buckets[K]) forget(now time.Time) {
	for key, limiter := range b.of {
		if limiter.TokensAt(now) >= float64(limiter.Burst()) {
			delete(b.of, key)
		}
	}
	for key := range b.of {
		if len(b.of) < b.most {
			return
		}
		delete(b.of, key)
	}
}
