package httpapi

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"authledger/domain/access"
)

// Limits of the request rate. The rate of a caller is stored with its token.
const (
	addressRate   = 50    // requests a second of a client network without credentials
	addressBurst  = 200   // requests
	signInRate    = 0.2   // attempts to sign in a second of a client network
	signInBurst   = 10    // attempts
	addressesMax  = 16384 // client networks whose token buckets the server stores
	credentialMax = 16384 // callers whose token buckets the server stores
	ipv6Prefix    = 64    // bits; one subscriber usually has one /64
)

// limits holds the token buckets of callers and of client networks. It is safe for
// concurrent use.
type limits struct {
	now         func() time.Time
	credentials buckets[string]
	addresses   buckets[netip.Prefix]
	signIns     buckets[netip.Prefix]
}

func newLimits(now func() time.Time) *limits {
	return &limits{
		now:         now,
		credentials: buckets[string]{most: credentialMax, of: make(map[string]*rate.Limiter)},
		addresses:   buckets[netip.Prefix]{most: addressesMax, of: make(map[netip.Prefix]*rate.Limiter)},
		signIns:     buckets[netip.Prefix]{most: addressesMax, of: make(map[netip.Prefix]*rate.Limiter)},
	}
}

// credential takes n requests from the caller's token bucket. It returns 0 if they are
// within the rate, otherwise the time after which the caller may retry.
func (l *limits) credential(c *access.Caller, n int) (wait time.Duration) {
	b := l.credentials.bucket(c.Name, l.now(), func() *rate.Limiter { return rate.NewLimiter(rate.Limit(c.Rate), max(c.Rate, commandsMax)) })
	if b.Limit() != rate.Limit(c.Rate) { // the operator has replaced the token by one with another rate
		b.SetLimit(rate.Limit(c.Rate))
		b.SetBurst(max(c.Rate, commandsMax))
	}
	return take(b, l.now(), n)
}

// address takes one request from the token bucket of the network of a client without
// credentials. Like credential, it returns 0 or the time after which the client may retry.
func (l *limits) address(remote string) (wait time.Duration) {
	b := l.addresses.bucket(ClientNetwork(remote), l.now(), func() *rate.Limiter { return rate.NewLimiter(addressRate, addressBurst) })
	return take(b, l.now(), 1)
}

// signIn takes one attempt to sign in from the token bucket of the network of a client. Like
// credential, it returns 0 or the time after which the client may retry.
func (l *limits) signIn(remote string) (wait time.Duration) {
	b := l.signIns.bucket(ClientNetwork(remote), l.now(), func() *rate.Limiter { return rate.NewLimiter(signInRate, signInBurst) })
	return take(b, l.now(), 1)
}

func take(b *rate.Limiter, now time.Time, n int) time.Duration {
	if b.AllowN(now, n) {
		return 0
	}
	return max(time.Second, time.Duration(float64(n)/float64(b.Limit())*float64(time.Second)))
}

// ClientNetwork returns the network of a client's host:port, which is the IPv4 address or
// the IPv6 /64. Limits count the requests and connections of a network. It returns the zero
// prefix for any other text.
func ClientNetwork(remote string) netip.Prefix {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	ip := at.Addr().Unmap().WithZone("")
	bits := ip.BitLen()
	if ip.Is6() {
		bits = ipv6Prefix
	}
	p, _ := ip.Prefix(bits) // Prefix fails only if bits exceeds the length of the address
	return p
}

// buckets holds token buckets by key. Their maximum number is the field most.
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
		b.evict(now)
	}
	found = fresh()
	b.of[key] = found
	return found
}

// evict removes the token buckets that have refilled, because a refilled bucket equals a
// new one. If no bucket has refilled, evict removes an arbitrary one. An attacker with more
// client networks than the field most gains one burst for each removed bucket.
func (b *buckets[K]) evict(now time.Time) {
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
