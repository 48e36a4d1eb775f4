package buildinfo

import (
	"runtime/debug"
	"testing"
)

func TestDescribe(t *testing.T) {
	revision := []debug.BuildSetting{{Key: "vcs.revision", Value: "abc123"},
		{Key: "vcs.modified", Value: "true"}}
	for _, test := range []struct {
		name    string
		stamped string
		build   debug.BuildInfo
		want    string
	}{
		{"stamped release", "v0.1.0", debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, "v0.1.0"},
		{"stamped release with a revision", "v0.1.0", debug.BuildInfo{Settings: revision}, "v0.1.0+abc123"},
		{"version of the go command", "", debug.BuildInfo{Main: debug.Module{Version: "v0.0.0-2026"}},
			"v0.0.0-2026"},
		{"no build information", "", debug.BuildInfo{}, "(devel)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := describe(test.stamped, &test.build); got.String() != test.want {
				t.Errorf("describe: got %s, want %s", got, test.want)
			}
		})
	}
}
