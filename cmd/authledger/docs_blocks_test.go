package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pagesWithCurl returns the pages that hold a curl command in an sh block.
func pagesWithCurl(t *testing.T) []string {
	t.Helper()
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	var with []string
	for _, page := range append(pages, filepath.Join(root, "README.md")) {
		if usesCurl(t, page) {
			with = append(with, page)
		}
	}
	if len(with) == 0 {
		t.Fatal("no page shows curl, want at least docs/quickstart.md")
	}
	return with
}

func usesCurl(t *testing.T, page string) bool {
	t.Helper()
	for _, b := range docsBlocks(t, page) {
		if b.kind == "sh" && strings.Contains(b.text, "curl ") {
			return true
		}
	}
	return false
}

// A docsBlock is a fenced block of a page.
type docsBlock struct {
	kind string // the word after the fence
	line int    // of the fence
	text string
}

func docsBlocks(t *testing.T, page string) []docsBlock {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []docsBlock
	open := false
	for i, line := range strings.Split(string(text), "\n") {
		fence, isFence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case isFence && !open:
			blocks = append(blocks, docsBlock{kind: fence, line: i + 1})
			open = true
		case isFence:
			open = false
		case open:
			blocks[len(blocks)-1].text += line + "\n"
		}
	}
	return blocks
}
