package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link       = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading    = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	notAnchor  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	sourcePath = regexp.MustCompile(
		"`((?:adapters|cmd|deploy|docs|domain|eventstore|projections|tools)/[A-Za-z0-9_./-]*)`")
)

// TestLinks checks that each link to a file or a heading, and each path of the
// repository in a page, leads to a file, a directory or a heading.
func TestLinks(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join(moduleRoot, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	roots, err := filepath.Glob(filepath.Join(moduleRoot, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, page := range append(pages, roots...) {
		text := readPage(t, page)
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			checked++
			checkLink(t, page, found[1])
		}
		if filepath.Base(page) == "CHANGELOG.md" {
			continue // it names files of earlier versions
		}
		for _, found := range sourcePath.FindAllStringSubmatch(text, -1) {
			checked++
			if _, err := os.Stat(filepath.Join(moduleRoot, filepath.FromSlash(found[1]))); err != nil {
				t.Errorf("%s names %s: %v", page, found[1], err)
			}
		}
	}
	if checked < 100 {
		t.Errorf("checked %d links and paths, want at least 100: has their form changed?", checked)
	}
}

func checkLink(t *testing.T, page, target string) {
	t.Helper()
	if strings.Contains(target, "://") {
		return
	}
	path, anchor, _ := strings.Cut(target, "#")
	file := page
	if path != "" {
		file = filepath.Join(filepath.Dir(page), filepath.FromSlash(path))
	}
	if _, err := os.Stat(file); err != nil {
		t.Errorf("%s links to %s: %v", page, target, err)
		return
	}
	if anchor == "" {
		return
	}
	for _, h := range heading.FindAllStringSubmatch(readPage(t, file), -1) {
		if anchorOf(h[1]) == anchor {
			return
		}
	}
	t.Errorf("%s links to %s: got no heading with the anchor %q, want one", page, target, anchor)
}

// anchorOf returns the anchor that GitHub gives a heading.
func anchorOf(heading string) string {
	return strings.ReplaceAll(notAnchor.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}

func readPage(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
