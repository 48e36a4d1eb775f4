// Package browser contains only tests, which open the pages of the console in Chromium.
//
//	go test -tags e2e ./cmd/internal/browser
//
// A test starts a node with a generated day, and opens each page in English and Russian, in windows that
// are 360, 768 and 1280 pixels wide, light and dark. It fails for:
//
//   - an error on the browser's console, a violation of the content security policy, or a request to
//     another host
//   - a page that is wider than the window, overlapping texts, cut text, or numbers aligned to the left
//   - a control without a label, a skipped level of headings, a table without headers, or a text that
//     is not in the language of the page
//   - text or fields with too little contrast, a target of less than 24 by 24 pixels, or motion for a
//     person who wants less
//   - a Tab key that does not reach each control in the order of the document, or an invisible focus
//
// A test submits each act once with a role that may submit it, and is refused with another role. Its node
// has dead letters, and a webhook endpoint that answers 410 and then 500.
//
// TestChecksFindPlantedFaults plants each of these faults. Another test stops the node and starts it again,
// and fails for a live page that does not go on. With AUTHLEDGER_SCREENSHOTS=DIR the tests write an image
// of each page.
//
// TestImagesOfReadme takes the images of the README and of docs/http.md. To replace them, run:
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
