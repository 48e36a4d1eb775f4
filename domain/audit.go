package domain

import "strconv"

// SystemSource is the source of what the ledger itself records, but for its
// deadlines.
const SystemSource = "system"

// SystemAudit is the entity of who read what.
const SystemAudit Entity = "system/audit"

// Limits of what is kept of a reading, in bytes.
const (
	queryBytesMax   = 4 << 10
	purposeBytesMax = 256
)

const auditReadType = "audit.read"

var (
	auditQueryForm   = Form{Need: true, Wrong: printable(queryBytesMax)}
	auditPurposeForm = Form{Wrong: printable(purposeBytesMax)}
)

// AuditRead records that somebody read the ledger who is to account for it: an
// auditor, or whoever had sealed fields shown. Only the ledger sends it,
// before it shows anything.
type AuditRead struct {
	Reader  string // the name in its credentials
	Role    string
	Query   string // path and parameters
	Purpose string // as the reader gave it
	Reveal  bool   // sealed fields are shown
}

// NewAuditRead makes the command that records a reading.
func NewAuditRead(id string, read AuditRead) Command {
	return Command{Source: SystemSource, ID: id, Caller: read.Reader, Stamped: true, Data: &read}
}

func (c *AuditRead) CommandType() string { return auditReadType }
func (c *AuditRead) Members(v Visitor) {
	v.Text("reader", &c.Reader, idForm)
	v.Text("role", &c.Role, idForm)
	v.Text("query", &c.Query, auditQueryForm)
	v.Text("purpose", &c.Purpose, auditPurposeForm)
	v.Flag("reveal", &c.Reveal, Free)
}

func (c *AuditRead) decide(d *deciding) error {
	if err := d.onSystem(SystemAudit); err != nil {
		return err
	}
	d.accept(&AuditWasRead{})
	return nil
}

// AuditWasRead: the ledger was read as the command says.
type AuditWasRead struct{}

func (e *AuditWasRead) EventType() string { return "audit.read" }
func (e *AuditWasRead) Members(Visitor)   {}

// printable is the form of a text of one line.
func printable(bytesMax int) func(string) string {
	return func(s string) string {
		if len(s) > bytesMax {
			return "want at most " + strconv.Itoa(bytesMax) + " bytes"
		}
		return wrongPrintable(s)
	}
}
