package ingest

import (
	"context"
	"fmt"
	"iter"
	"time"

	"authledger/adapters/importers/cloudevents"
	"authledger/adapters/importers/signins"
	"authledger/cmd/internal/usage"
	"authledger/domain"
	"authledger/eventstore"
	"authledger/projections"
)

// FormatNames are the names of the formats that import reads.
var FormatNames = []string{"cloudevents", "sshd", "okta", "entra", "keycloak"}

// FormatList contains the names of the formats, for messages.
const FormatList = "cloudevents, sshd, okta, entra or keycloak"

// Format is the format of the files of an import, with the options of its reader.
type Format struct {
	Name string // one of FormatNames
	Year int    // sshd: year of the first line of each file, 0 if its times contain the year
	Zone string // sshd: IANA time zone of the host
	Org  string // okta, entra: org or tenant of events that don't contain one
}

// Target is the ledger that receives the commands.
type Target struct {
	Ledger *eventstore.Ledger
	Rows   *projections.Engine
}

// Opener reads files of one format.
type Opener func(ctx context.Context, to Target, inputs []*Input) iter.Seq[Item]

// Opener returns the opener of the format, or a usage error for invalid options.
func (f *Format) Opener() (Opener, error) {
	switch f.Name {
	case "cloudevents":
		return OpenCloudEvents, nil
	case "sshd":
		zone, err := time.LoadLocation(f.Zone)
		if err != nil {
			return nil, usage.Errorf("--zone %q: invalid value, want an IANA time zone such as UTC or Europe/Zurich", f.Zone)
		}
		return openSSHD(f.Year, zone)
	case "":
		return nil, usage.Errorf("--from is missing: give --from %s", FormatList)
	}
	if gateway, ok := signins.Named(f.Name); ok {
		return openSignIns(gateway, f.Org)
	}
	return nil, usage.Errorf("--from %q: invalid value, want %s%s", f.Name, FormatList, domain.DidYouMean(f.Name, FormatNames))
}

// OpenCloudEvents yields the commands of files, one file after the other.
func OpenCloudEvents(_ context.Context, _ Target, inputs []*Input) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		ordinal := 0
		for _, in := range inputs {
			for line, err := range cloudevents.Lines(in.Reader) {
				ordinal++
				it := Item{Line: ordinal, at: location{input: in, number: line.Number}, Text: line.Text, rejection: line.Rejection, err: ofInput(in, err)}
				if it.unrecognized = line.Rejection != nil; !yield(it) {
					return
				}
			}
		}
	}
}

// ofInput adds the name of the file to a read error if the import has several files.
func ofInput(in *Input, err error) error {
	if err == nil || !in.several {
		return err
	}
	return fmt.Errorf("%s: %w", shownName(in.name), err)
}

// formatTime formats an instant for a message: in UTC, to the millisecond.
func formatTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }
