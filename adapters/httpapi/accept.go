package httpapi

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// preferred returns the media type among offers that the header Accept of a request prefers
// (RFC 9110, section 12.5.1). It returns the first offer if the header prefers none, or
// accepts none.
func preferred(h http.Header, offers ...string) string {
	if best := accepted(h, offers...); best != "" {
		return best
	}
	return offers[0]
}

// accepted returns the media type among offers that the header Accept prefers, and the first of
// several with the same weight. It returns "" if the header accepts none. A request without the
// header accepts each.
func accepted(h http.Header, offers ...string) (best string) {
	if strings.Trim(strings.Join(h.Values(acceptHeader), ","), ", \t") == "" {
		return offers[0]
	}
	ranges, bestWeight := acceptedRanges(h), 0.0
	for _, offer := range offers {
		if weight := ranges.weight(offer); weight > bestWeight {
			best, bestWeight = offer, weight
		}
	}
	return best
}

// mediaRanges holds the weight of each media range of an Accept header, such as text/*.
type mediaRanges map[string]float64

func acceptedRanges(h http.Header) mediaRanges {
	ranges := make(mediaRanges)
	for each := range strings.SplitSeq(strings.Join(h.Values(acceptHeader), ","), ",") {
		kind, parameters, err := mime.ParseMediaType(each)
		if err != nil {
			continue // an invalid range accepts nothing
		}
		ranges[kind] = 1
		if weight, isGiven := parameters["q"]; isGiven {
			ranges[kind] = qualityOf(weight)
		}
	}
	return ranges
}

// qualityOf returns a weight between 0 and 1, and 0 for a text that is no weight.
func qualityOf(text string) float64 {
	weight, err := strconv.ParseFloat(text, 64)
	if err != nil || !(weight >= 0 && weight <= 1) { // the comparison is false for NaN
		return 0
	}
	return weight
}

// weight returns the weight of the most specific range that contains a media type, 0 if the
// header does not accept the type.
func (m mediaRanges) weight(kind string) float64 {
	family, _, _ := strings.Cut(kind, "/")
	for _, each := range []string{kind, family + "/*", "*/*"} {
		if weight, ok := m[each]; ok {
			return weight
		}
	}
	return 0
}
