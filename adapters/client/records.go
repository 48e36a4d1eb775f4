package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
)

// recordsPage is the maximum number of records of one answer.
const recordsPage = 256

// Records yields the selected existing records, each once and in order. The last one is at
// most the record with the number to, or the newest record if to is 0. The errors are those
// of [Client.Do].
func (c *Client) Records(ctx context.Context, f Filter, to uint64) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		last, limit := f.After, recordsPage
		for more := true; more; {
			page, err := c.page(ctx, f, last, to, &limit)
			if err != nil {
				yield(Record{}, fmt.Errorf("read the records after %d: %w", last, err))
				return
			}
			for _, r := range page {
				if !yield(r, nil) {
					return
				}
				last = r.Seq
			}
			more = len(page) == limit && (to == 0 || last < to)
		}
	}
}

// page requests one page. It halves the limit if the answer is too large.
func (c *Client) page(ctx context.Context, f Filter, last, to uint64, limit *int) ([]Record, error) {
	if to > 0 && last >= to {
		return nil, nil
	}
	for {
		values := f.values()
		values.Set("after", strconv.FormatUint(last, 10))
		values.Set("limit", strconv.Itoa(*limit))
		if to > 0 {
			values.Set("to", strconv.FormatUint(to, 10))
		}
		a, err := c.send(ctx, &question{method: http.MethodGet, path: "/v1/records", values: values, most: recordsPage * recordMax})
		switch {
		case err != nil:
			return nil, err
		case a.status == http.StatusRequestEntityTooLarge && *limit > 1:
			*limit /= 2
		case a.status != http.StatusOK:
			return nil, a.problem()
		default:
			return readPage(a.body, last)
		}
	}
}

func readPage(body []byte, last uint64) ([]Record, error) {
	var page []Record
	lines := bufio.NewScanner(bytes.NewReader(body))
	lines.Buffer(nil, recordMax)
	for lines.Scan() {
		var r struct{ Seq uint64 }
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil || r.Seq <= last {
			return nil, ErrAnswer
		}
		last = r.Seq
		page = append(page, Record{r.Seq, bytes.Clone(lines.Bytes())})
	}
	if lines.Err() != nil {
		return nil, ErrAnswer
	}
	return page, nil
}

func (f *Filter) values() url.Values {
	values := url.Values{}
	for name, value := range map[string]string{"entity": f.Entity, "type": f.Type, "at": f.At, "asOf": f.AsOf} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return values
}
