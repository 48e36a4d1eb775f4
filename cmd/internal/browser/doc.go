// Package browser contains only tests, which open the pages of the console in Chromium.
//
//	go test -tags e2e ./cmd/internal/browser
//
// A test starts a node with a generated day, opens each page, and fails for an error on the
// browser's console, a violation of the content security policy, a request to another host, a
// page that is wider than the window, a control without a label, skipped levels of headings,
// or text with too little contrast. Another test stops the node and starts it again, and fails for a live
// page that does not go on. With AUTHLEDGER_SCREENSHOTS=DIR it writes an image of
// each page.
//
// TestImagesOfReadme takes the images of the README. To replace them, run:
//
//	AUTHLEDGER_IMAGES=$PWD/docs/images go test -tags e2e -run TestImagesOfReadme ./cmd/internal/browser
//
// # Decisions
//
//   - The tests use chromedp, which drives an installed Chromium over its debugging protocol.
//     Given up: other browsers, which need npm or a driver.
//   - The checks of accessibility are expressions in the page. Given up: a library of checks in
//     JavaScript, which would be code of third parties in the repository.
package browser
