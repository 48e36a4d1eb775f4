package sshd

import (
	"bytes"
	"encoding/xml"
)

// windowsEvent is an event of Windows as "wevtutil qe OpenSSH/Operational
// /f:xml" exports it, one a line.
type windowsEvent struct {
	XMLName xml.Name `xml:"Event"`
	System  struct {
		Provider struct {
			Name string `xml:",attr"`
		}
		TimeCreated struct {
			SystemTime string `xml:",attr"`
		}
		Execution struct {
			ProcessID string `xml:",attr"`
		}
		Computer string
	}
	EventData struct {
		Data []struct {
			Name string `xml:",attr"`
			Text string `xml:",chardata"`
		}
	}
}

// data returns the text of a member of EventData.
func (w *windowsEvent) data(name string) []byte {
	for _, d := range w.EventData.Data {
		if d.Name == name {
			return []byte(d.Text)
		}
	}
	return nil
}

// readEventXML reads an event of the provider OpenSSH.
func readEventXML(line []byte) (e entry, ok bool) {
	if !bytes.HasPrefix(line, []byte("<Event")) {
		return e, false
	}
	var event windowsEvent
	if err := xml.Unmarshal(line, &event); err != nil || event.System.Provider.Name != "OpenSSH" {
		return e, false
	}
	e.stamp, _, ok = cutISO([]byte(event.System.TimeCreated.SystemTime))
	if !ok {
		return e, false
	}
	e.host, e.pid = []byte(event.System.Computer), []byte(event.System.Execution.ProcessID)
	e.program = append([]byte{}, event.data("process")...)
	e.setMessage(event.data("payload"))
	e.isClosed = true
	return e, true
}

// readProcessFirst reads the log file of OpenSSH for Windows: the process id, a
// local time, and sshd's message.
func readProcessFirst(line []byte) (e entry, ok bool) {
	digits := leadingDigits(line)
	if digits == 0 || digits > processDigitsMax || digits == len(line) || line[digits] != ' ' {
		return e, false
	}
	var rest []byte
	e.stamp, rest, ok = cutISO(line[digits+1:])
	if !ok {
		return e, false
	}
	e.setInner(rest)
	if e.pid == nil {
		e.pid = line[:digits]
	}
	return e, true
}

// processDigitsMax is the number of digits of the largest process id of Windows.
const processDigitsMax = 10
