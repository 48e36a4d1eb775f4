package sessions

import (
	"slices"
	"testing"
)

func TestStreamsEnd(t *testing.T) {
	for _, test := range []struct {
		name           string
		session, token string
		want           []string
	}{
		{"one session", "s-1", "", []string{"ann 1", "ann 1 again"}},
		{"all sessions of a token", "", "ann", []string{"ann 1", "ann 1 again", "ann 2"}},
		{"another session", "s-9", "", nil},
		{"no session and no token", "", "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var s Streams
			var got []string
			for _, stream := range []struct{ name, session, token string }{
				{"ann 1", "s-1", "ann"}, {"ann 1 again", "s-1", "ann"}, {"ann 2", "s-2", "ann"},
				{"bo", "s-3", "bo"}, {"without a session", "", "ann"},
			} {
				s.Add(stream.session, stream.token, func() { got = append(got, stream.name) })
			}
			s.Add("s-1", "ann", func() { got = append(got, "removed") })()
			s.EndOf(test.session, test.token)
			if slices.Sort(got); !slices.Equal(got, test.want) {
				t.Errorf("got %q ended, want %q", got, test.want)
			}
		})
	}
}
