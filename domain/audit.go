package domain

import (
	"strconv"
	"strings"
)

// SystemSource is the source of the commands that the ledger itself sends, except timer.fire.
const SystemSource = "system"

// SystemAudit is the entity of the records of reads.
const SystemAudit Entity = "system/audit"

// Maximum lengths of the texts of audit.read, in bytes.
const (
	queryBytesMax   = 4 << 10
	purposeBytesMax = 256
)

const auditReadType = "audit.read"

var (
	auditReaderForm  = Form{Need: true, Wrong: wrongReader}
	auditQueryForm   = Form{Need: true, Wrong: printable(queryBytesMax)}
	auditPurposeForm = Form{Wrong: printable(purposeBytesMax)}
)

// AuditRead records a read by an auditor, or a read that reveals sealed members. Only
// the ledger sends this command, and it sends no answer to the reader before the command is
// recorded.
type AuditRead struct {
	Reader  string // the name of the authenticated caller
	Role    string
	Query   string // path and parameters
	Purpose string // as stated by the reader
	Reveal  bool   // the answer shows sealed members
}

// LocalPrefix begins the name of a caller who reaches the node through the socket in its data
// directory: local/ and the name of the user of the machine. The name of a token has no slash.
const LocalPrefix = "local/"

// wrongReader accepts the name of a token and the name of a local caller.
func wrongReader(name string) string { return wrongID(strings.TrimPrefix(name, LocalPrefix)) }

// NewAuditRead returns the command that records a read.
func NewAuditRead(id string, read AuditRead) Command {
	return Command{Source: SystemSource, ID: id, Caller: read.Reader, Stamped: true, Data: &read}
}

func (c *AuditRead) CommandType() string { return auditReadType }
func (c *AuditRead) Members(v Visitor) {
	v.Text("reader", &c.Reader, auditReaderForm)
	v.Text("role", &c.Role, idForm)
	v.Text("query", &c.Query, auditQueryForm)
	v.Text("purpose", &c.Purpose, auditPurposeForm)
	v.Flag("reveal", &c.Reveal, Free)
}

func (c *AuditRead) decide(d *deciding) error {
	if err := d.addSystem(SystemAudit); err != nil {
		return err
	}
	d.accept(&AuditWasRead{})
	return nil
}

// AuditWasRead is the event of a recorded read. The command has the details.
type AuditWasRead struct{}

func (e *AuditWasRead) EventType() string { return "audit.read" }
func (e *AuditWasRead) Members(Visitor)   {}

// printable returns a check that accepts printable text of at most bytesMax bytes.
func printable(bytesMax int) func(string) string {
	return func(s string) string {
		if len(s) > bytesMax {
			return "want at most " + strconv.Itoa(bytesMax) + " bytes"
		}
		return wrongPrintable(s)
	}
}
