package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// Values that differ in each run. A page shows one example of each.
var docsVarying = []*regexp.Regexp{
	regexp.MustCompile(`\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z)?`),
	regexp.MustCompile(`\b[0-9a-f]{64}\b`),
	regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`),
	regexp.MustCompile(`al_[0-9a-f]{16}_[-_A-Za-z0-9]+`),
	regexp.MustCompile(`\b0\.0\d+\b`),
}

// compare compares the output of the block before with the output on the page. The
// sign … stands for any text.
func (s *docsSession) compare(t *testing.T, shown docsBlock) {
	t.Helper()
	want := strings.TrimSpace(s.replaceAddresses(shown.text))
	got := strings.TrimSpace(s.output.String())
	for i, v := range docsVarying {
		mark := fmt.Sprintf("VARYING%d", i)
		got = v.ReplaceAllString(got, mark)
		want = v.ReplaceAllString(want, mark)
	}
	pattern := strings.ReplaceAll(regexp.QuoteMeta(want), "…", "(?s:.*)")
	if !regexp.MustCompile(`^` + pattern + `$`).MatchString(got) {
		t.Errorf("%s:%d: the commands above print\n%s\nand the page shows\n%s", s.page, shown.line,
			s.output.String(), shown.text)
	}
}

func (s *docsSession) replaceAddresses(text string) string {
	return docsAddress.ReplaceAllStringFunc(text, func(shown string) string {
		if free, ok := s.addresses[shown]; ok {
			return free
		}
		return shown
	})
}
