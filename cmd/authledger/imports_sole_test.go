package main

// A soleImporter lists the only packages that import a library, and the reason.
type soleImporter struct {
	library string
	layers  list
	why     string
}

var soleImporters = []soleImporter{
	{library: "github.com/nats-io/nats-server", layers: list{"eventstore/natsd"},
		why: "the package that embeds the server also decides when it syncs"},
	{library: "github.com/nats-io/nats.go",
		layers: list{"eventstore/jetstream", "adapters/natsapi", "adapters/intake", "adapters/natsconn",
			"adapters/client"},
		why: "eventstore/jetstream alone handles retries and hidden gaps of the log; " +
			"the others use NATS for messages that are not the log"},
	{library: "github.com/minio/highwayhash", layers: list{"eventstore/blocks"},
		why: "one package knows the format of the server's files"},
	{library: "github.com/nats-io/nkeys",
		layers: list{"adapters/tokens", "eventstore/natsd", "adapters/natsapi", "adapters/intake",
			"cmd/authledger"},
		why: "only these packages store public keys or check them for a connection"},
	{library: "github.com/cockroachdb/pebble", layers: list{"projections/rows"},
		why: "projections can be deleted only if the database contains nothing else"},
	{library: "github.com/jackc", layers: list{"cmd/internal/bench"},
		why: "only a benchmark compares the ledger with PostgreSQL"},
	{library: "github.com/go-json-experiment/json", layers: list{"eventstore/wire"},
		why: "two JSON readers that disagree about a command are a security hole"},
	{library: "github.com/danielgtaylor/huma", layers: list{"adapters/httpapi"},
		why: "the OpenAPI document is generated beside the routes"},
	{library: "github.com/swaggest/swgui", layers: list{"adapters/httpapi"},
		why: "the documentation pages are served beside the routes"},
	{library: "golang.org/x/text", layers: list{"adapters/console/text", "domain"},
		why: "only the console has languages; a test of the domain compares currencies"},
	{library: "golang.org/x/time/rate", layers: list{"adapters/httpapi", "adapters/intake"},
		why: "only the HTTP and NATS interfaces enforce rates"},
	{library: "golang.org/x/sync", layers: list{"adapters/intake", "adapters/httpapi"},
		why: "only the intake and the HTTP server bound the resources that several goroutines hold"},
	{library: "github.com/prometheus", layers: list{"adapters/metrics", "adapters/watermill", "cmd/authledger"},
		why: "few packages define metrics, so that no label names a user"},
	{library: "github.com/ThreeDotsLabs/watermill", layers: list{"adapters/watermill"},
		why: "reactions receive events and never take part in verdicts"},
	{library: "github.com/klauspost/compress", layers: list{"cmd/internal/ingest", "cmd/internal/packtest"},
		why: "an importer reads plain text; the program unpacks the file that the operator names"},
	{library: "github.com/spf13/cobra", layers: list{"cmd/authledger"},
		why: "only the program has a command line"},
	{library: "github.com/knadh/koanf", layers: list{"cmd/internal/settings"},
		why: "only the program is configured"},
	{library: "github.com/jedib0t/go-pretty", layers: list{"cmd/authledger", "cmd/internal/render"},
		why: "only the program prints to a terminal"},
}
