//go:build e2e

package browser

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"authledger/projections/queries"
)

// imageBytesMax is the maximum size of an image of the README.
const imageBytesMax = 200_000

// TestImagesOfReadme takes the images of the README and of the page about HTTP, and writes them if the
// environment names a directory. Each image, and each one in docs/images, has at most imageBytesMax bytes.
func TestImagesOfReadme(t *testing.T) {
	n, address := startNode(t)
	locked, err := n.Queries.Lockouts(t.Context(), time.Now(), nil, queries.Page{Limit: 1})
	must(t, err)
	w := openWindow(t, address)
	for _, image := range []struct{ name, path, scheme string }{
		{"console-overview", "/", "light"},
		{"console-user", "/users/" + locked.Lockouts[0].User, "dark"},
		{"api", "/docs/", "light"},
	} {
		w.show(t, address+image.path, 1280, image.scheme, "en")
		content, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
		must(t, err)
		stored, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "images", image.name+".png"))
		must(t, err)
		if len(content) > imageBytesMax || len(stored) > imageBytesMax {
			t.Errorf("%s: got %d bytes, and %d in docs/images, want at most %d", image.name, len(content),
				len(stored), imageBytesMax)
		}
		if dir := os.Getenv("AUTHLEDGER_IMAGES"); dir != "" {
			must(t, os.WriteFile(filepath.Join(dir, image.name+".png"), content, 0o644))
		}
	}
}
