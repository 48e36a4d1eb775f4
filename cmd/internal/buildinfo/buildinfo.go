// Package buildinfo reports the version of the program.
package buildinfo

import "runtime/debug"

// version is the release that the build stamped, for example v0.1.0:
//
//	go build -ldflags '-X authledger/cmd/internal/buildinfo.version=v0.1.0' ./cmd/authledger
//
// It is empty in a build without that flag.
var version string

// Info describes the build of the running program.
type Info struct {
	Version  string // the stamped release, else the version that the go command derived, else "(devel)"
	Revision string // of the version control system, "" if unknown
	Time     string // of the revision, RFC 3339, "" if unknown
	Modified bool   // the sources differ from the revision
	Go       string // version of the Go release
}

// Read returns the description of the running program.
func Read() Info {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = new(debug.BuildInfo)
	}
	return describe(version, info)
}

func describe(stamped string, build *debug.BuildInfo) Info {
	v := Info{Version: stamped, Go: build.GoVersion}
	if v.Version == "" {
		v.Version = build.Main.Version
	}
	if v.Version == "" {
		v.Version = "(devel)"
	}
	for _, s := range build.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Revision = s.Value
		case "vcs.time":
			v.Time = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}

// String returns the version, and the revision after a plus sign if the revision is known.
func (i Info) String() string {
	if i.Revision == "" {
		return i.Version
	}
	return i.Version + "+" + i.Revision
}
