package wire

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"authledger/domain"
)

// renamedLimits are the keys of a policy's limits: in documents, and in records.
var renamedLimits = map[string]string{
	"security_code_card":         "securityCodeCard",
	"ibkr_mobile":                "ibkrMobile",
	"digital_security_card":      "digitalSecurityCard",
	"digital_security_card_plus": "digitalSecurityCardPlus",
	"gold":                       "gold",
	"platinum":                   "platinum",
	"temp_passcode":              "tempPasscode",
	"online_card":                "onlineCard",
}

// storedNames replaces the keys of documents with the keys of records.
func storedNames(document string) string {
	for name, stored := range renamedLimits {
		document = strings.ReplaceAll(document, `"`+name+`":`, `"`+stored+`":`)
	}
	return document
}

// documentNames replaces the keys of records with the keys of documents.
func documentNames(record string) string {
	for name, stored := range renamedLimits {
		record = strings.ReplaceAll(record, `"`+stored+`":`, `"`+name+`":`)
	}
	return record
}

func TestPolicyDocument_NewKeysAreWritten(t *testing.T) {
	document := string(AppendData(nil, domain.IBKRSLS()))
	for name, stored := range renamedLimits {
		if !strings.Contains(document, `"`+name+`":{`) || name != stored && strings.Contains(document, stored) {
			t.Errorf("%s, want the key %s and no key %s", document, name, stored)
		}
	}
	properties := SchemaOf(new(domain.Limits), true).Properties
	for name := range renamedLimits {
		if properties[name] == nil {
			t.Errorf("schema of the limits: got no property %s, want one", name)
		}
	}
}

func TestPolicyDocument_BothKeysAreRead(t *testing.T) {
	want := domain.IBKRSLS()
	document := string(AppendData(nil, want))
	mixed := strings.Replace(document, `"ibkr_mobile":`, `"ibkrMobile":`, 1)
	for name, text := range map[string]string{"new keys": document, "old keys": storedNames(document),
		"mixed": mixed} {
		var got domain.Policy
		if fault := ReadData([]byte(text), &got); fault != nil {
			t.Errorf("%s: got rejection %v, want none", name, fault)
		}
		if diff := cmp.Diff(want, &got, cmpopts.IgnoreUnexported(domain.Policy{})); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func TestPolicyDocument_OneLimitUnderTwoKeysIsRejected(t *testing.T) {
	document := string(AppendData(nil, domain.IBKRSLS()))
	const limit = `{"perDay":"1"}`
	for name, text := range map[string]string{
		"new key first": strings.Replace(document, `"gold":`, `"ibkrMobile":`+limit+`,"gold":`, 1),
		"old key first": strings.Replace(document, `"limits":{`, `"limits":{"ibkrMobile":`+limit+`,`, 1),
	} {
		fault := ReadData([]byte(text), new(domain.Policy))
		if fault == nil || fault.Reason != domain.BadField || !strings.HasPrefix(fault.Field, "limits.ibkr") {
			t.Errorf("%s: got %v, want bad_field of the limit", name, fault)
		}
	}
}

func TestPolicyDocument_FaultNamesTheNewKey(t *testing.T) {
	document := storedNames(string(AppendData(nil, domain.IBKRSLS())))
	document = strings.Replace(document, `"perDay":"1000000"`, `"perDay":"1e6"`, 1)
	fault := ReadData([]byte(document), new(domain.Policy))
	if fault == nil || fault.Field != "limits.ibkr_mobile.perDay" {
		t.Errorf("got %v, want a fault of limits.ibkr_mobile.perDay", fault)
	}
}

// A record that an older version wrote keeps its bytes and its content hash. A command
// with either keys has that content hash, so a retry after an upgrade is a duplicate.
func TestPolicyRecord_KeepsOldKeysAndHash(t *testing.T) {
	text, err := os.ReadFile("testdata/records/policy.adopt.json")
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.TrimSuffix(string(text), "\n"))
	if !strings.Contains(string(text), `"ibkrMobile"`) {
		t.Fatalf("golden record: got no old key ibkrMobile, want it: %s", text)
	}
	r, err := ReadRecord(text)
	if err != nil {
		t.Fatal(err)
	}
	if again := AppendRecord(nil, &r); !slices.Equal(again, text) {
		t.Errorf("written again:\n%s\nwant\n%s", again, text)
	}
	retried := r.Command
	document := AppendData(nil, retried.Data)
	if !strings.Contains(string(document), `"ibkr_mobile"`) {
		t.Fatalf("document: got no new key ibkr_mobile, want it: %s", document)
	}
	for name, d := range map[string]string{"new keys": string(document),
		"old keys": storedNames(string(document))} {
		data, fault := ReadTyped("policy.adopt", []byte(d))
		if fault != nil {
			t.Fatalf("%s: got rejection %v, want none", name, fault)
		}
		retried.Data = data
		if hash := Content(&retried, false); hash != r.Content {
			t.Errorf("%s: content hash %x, want %x", name, hash, r.Content)
		}
	}
	if shown := string(AppendShown(nil, &r)); !strings.Contains(shown, string(storedDocument(t, text))) {
		t.Errorf("shown as %s, want the data with the bytes of the record, which were hashed", shown)
	}
}

// storedDocument returns the data of the command in a record, as its bytes are.
func storedDocument(t *testing.T, record []byte) json.RawMessage {
	t.Helper()
	var r struct {
		Command struct{ Data json.RawMessage }
	}
	if err := json.Unmarshal(record, &r); err != nil {
		t.Fatal(err)
	}
	return r.Command.Data
}
