//go:build e2e

package browser

// checks lists the properties of a page. Each expression returns a list of faults.
var checks = map[string]string{
	"wider than the window": `document.documentElement.scrollWidth > innerWidth ?
		[document.documentElement.scrollWidth + ' of ' + innerWidth] : []`,

	"control without a label": `[...document.querySelectorAll(
			'input:not([type=hidden]), select, button, summary, a')]
		.filter(e => !(e.labels && e.labels.length) && !e.textContent.trim() && !e.ariaLabel)
		.map(e => e.outerHTML)`,

	"skipped level of headings": `[...document.querySelectorAll('h1, h2, h3, h4')].map(e => Number(e.tagName[1]))
		.filter((level, i, all) => i === 0 ? level !== 1 : level > all[i - 1] + 1).map(String)`,

	"page without landmark, language or title": `[document.querySelector('main'), document.documentElement.lang,
		document.title].map((x, i) => x ? '' : 'missing ' + i).filter(Boolean)`,

	"table without headers": `[...document.querySelectorAll('table')].filter(t => !t.querySelector('th[scope]'))
		.map(t => t.outerHTML.slice(0, 200))`,

	"scrolled part that the keyboard can't reach": `[...document.querySelectorAll('.scroll, pre')]
		.filter(e => e.scrollWidth > e.clientWidth && e.tabIndex < 0).map(e => e.className)`,

	// WCAG 2.2, 2.5.8: 24 by 24 pixels, except links in text and in cells.
	"small target": `[...document.querySelectorAll(
			'button, input:not([type=hidden]), select, summary, nav a, a.button')]
		.filter(e => e.checkVisibility()).map(e => [e, e.getBoundingClientRect()])
		.filter(([, r]) => r.width < 24 || r.height < 24)
		.map(([e, r]) => e.outerHTML.slice(0, 80) + ' ' + r.width + 'x' + r.height)`,

	// WCAG 2.2, 1.4.3: a contrast of 4.5, and of 3 for large text.
	"little contrast": `(() => {
		const parse = c => (c.match(/[\d.]+/g) || []).map(Number);
		const luminance = c => c.slice(0, 3).map(x => x / 255)
			.map(x => x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4)
			.reduce((sum, x, i) => sum + x * [0.2126, 0.7152, 0.0722][i], 0);
		const ground = e => {
			for (; e; e = e.parentElement) {
				const c = parse(getComputedStyle(e).backgroundColor);
				if (c.length === 3 || c[3] === 1) return c;
			}
			return [255, 255, 255];
		};
		const low = new Set();
		const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		while (walker.nextNode()) {
			const e = walker.currentNode.parentElement;
			if (!walker.currentNode.data.trim() || !e.checkVisibility()) continue;
			if (e.closest('title, .hidden, option')) continue;
			const style = getComputedStyle(e);
			const text = parse(e.closest('svg') ? style.fill : style.color);
			const [a, b] = [luminance(text), luminance(ground(e.closest('svg') || e))].sort((x, y) => y - x);
			const ratio = (a + 0.05) / (b + 0.05);
			const isLarge = parseFloat(style.fontSize) >= 24;
			const name = e.tagName + ' ' + e.getAttribute('class') + ' ' + ratio.toFixed(2);
			if (ratio < (isLarge ? 3 : 4.5)) low.add(name);
		}
		return [...low];
	})()`,
}
