package main

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// curlTimeout bounds the wait for a server that a page has just started.
const curlTimeout = time.Minute

// A curlCommand is the request of a curl command on a page.
type curlCommand struct {
	method, url, body string
	header            http.Header
	retries, fails    bool   // --retry, and -f: a status of 400 or more is an error
	showsHeader       bool   // -i
	hidesBody         bool   // -o /dev/null
	written           string // header in -w '%header{NAME}', which curl prints after the body
}

// curl sends the request that the words after curl describe, and returns the body of
// the response.
func curl(words []string) (string, error) {
	c, err := parseCurl(words)
	if err != nil {
		return "", err
	}
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		body, status, err := c.send()
		mayRetry := c.retries && time.Since(begun) < curlTimeout
		switch {
		case mayRetry && (err != nil || c.fails && status == http.StatusServiceUnavailable):
			continue
		case err != nil:
			return "", err
		case c.fails && status >= http.StatusBadRequest:
			return "", fmt.Errorf("status %d: %s", status, body)
		}
		return body, nil
	}
}

// parseCurl reads the arguments that the pages use, and refuses others.
func parseCurl(words []string) (*curlCommand, error) {
	c := &curlCommand{method: http.MethodGet, header: http.Header{}}
	for i := 0; i < len(words); i++ {
		value := func() string { i++; return words[min(i, len(words)-1)] }
		switch words[i] {
		case "-s", "-sS", "-N", "--retry-connrefused":
		case "-i":
			c.showsHeader = true
		case "-f", "-sf", "-fsS":
			c.fails = true
		case "-o":
			c.hidesBody = value() == "/dev/null"
		case "-w":
			c.written = strings.TrimSuffix(strings.TrimPrefix(value(), "%header{"), "}")
		case "--retry":
			c.retries = value() != ""
		case "-X":
			c.method = value()
		case "-d":
			c.method, c.body = http.MethodPost, value()
		case "-u":
			c.header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(value())))
		case "-H":
			name, content, _ := strings.Cut(value(), ":")
			c.header.Add(name, strings.TrimSpace(content))
		default:
			if strings.HasPrefix(words[i], "-") || c.url != "" {
				return nil, fmt.Errorf("unknown curl argument %q: add it to parseCurl", words[i])
			}
			c.url = words[i]
		}
	}
	return c, nil
}

func (c *curlCommand) send() (body string, status int, err error) {
	request, err := http.NewRequest(c.method, c.url, strings.NewReader(c.body))
	if err != nil {
		return "", 0, err
	}
	request.Header = c.header
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", 0, err
	}
	defer response.Body.Close() // read to its end
	data, err := io.ReadAll(response.Body)
	if c.hidesBody {
		data = nil
	}
	data = append(data, response.Header.Get(c.written)...)
	if c.showsHeader {
		var head strings.Builder
		if err := response.Header.Write(&head); err != nil {
			return "", 0, err
		}
		data = append([]byte(response.Proto+" "+response.Status+"\n"+head.String()+"\n"), data...)
	}
	return strings.ReplaceAll(string(data), "\r\n", "\n"), response.StatusCode, err
}
