//go:build e2e

package browser

import (
	"fmt"
	"strings"
)

// helpers are functions that the checks of the same evaluation share.
const helpers = `
	const all = selector => [...document.querySelectorAll(selector)];
	const excerpt = e => e.outerHTML.slice(0, 120);
	const once = f => {
		const known = new Map();
		return e => known.has(e) ? known.get(e) : (known.set(e, f(e)), known.get(e));
	};
	// isForReaders reports whether only screen readers get the content of an element.
	const isForReaders = once(e => e !== null && (getComputedStyle(e).clipPath !== 'none' ||
		e.matches('.skip:not(:focus)') || isForReaders(e.parentElement)));
	const isShown = once(e => e.checkVisibility() && !e.closest('title, option, datalist') && !isForReaders(e));
	const scrollers = once(e => e === null || e === document.body ? [] :
		[...scrollers(e.parentElement), ...getComputedStyle(e).overflowX === 'visible' ? [] : [e]]);
	// clip returns the part of a rectangle that the scrolled parts around an element show.
	const clip = (r, e) => scrollers(e).map(s => s.getBoundingClientRect()).reduce((r, s) => ({
		left: Math.max(r.left, s.left), right: Math.min(r.right, s.right),
		top: Math.max(r.top, s.top), bottom: Math.min(r.bottom, s.bottom)}), r);
	// texts lists the rectangles of each shown text, without those that are scrolled out of view.
	const texts = () => {
		const found = [];
		const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		const range = document.createRange();
		while (walker.nextNode()) {
			const node = walker.currentNode, e = node.parentElement;
			if (!node.data.trim() || !isShown(e)) continue;
			range.selectNodeContents(node);
			for (const whole of range.getClientRects()) {
				const r = clip(whole, e);
				const isEmpty = r.right - r.left <= 1 || r.bottom - r.top <= 1;
				if (!isEmpty) found.push({node, e, r, text: node.data.trim().slice(0, 40)});
			}
		}
		return found;
	};
	const control = 'input:not([type=hidden]), select, textarea, button, summary, a';
	const colour = c => (c.match(/[\d.]+/g) || []).map(Number);
	const luminance = c => c.slice(0, 3).map(x => x / 255)
		.map(x => x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4)
		.reduce((sum, x, i) => sum + x * [0.2126, 0.7152, 0.0722][i], 0);
	const ground = e => {
		for (; e; e = e.parentElement) {
			const c = colour(getComputedStyle(e).backgroundColor);
			if (c.length === 3 || c[3] === 1) return c;
		}
		return [255, 255, 255];
	};
	const contrast = (a, b) => {
		const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
		return (light + 0.05) / (dark + 0.05);
	};
`

// checks lists the properties of a page. Each body of a function returns a list of faults.
var checks = map[string]string{
	"wider than the window": `return document.documentElement.scrollWidth > innerWidth ?
		[document.documentElement.scrollWidth + ' of ' + innerWidth] : []`,

	"overlapping texts": `
		const boxes = texts().map(t => ({...t, box: t.e}));
		for (const e of all('input:not([type=hidden]), select, textarea').filter(isShown)) {
			boxes.push({node: e, e, r: clip(e.getBoundingClientRect(), e), text: excerpt(e)});
		}
		boxes.sort((a, b) => a.r.top - b.r.top);
		const found = [];
		for (let i = 0; i < boxes.length; i++) {
			const a = boxes[i];
			for (let j = i + 1; j < boxes.length && boxes[j].r.top < a.r.bottom - 3; j++) {
				const b = boxes[j];
				const isOver = Math.min(a.r.right, b.r.right) - Math.max(a.r.left, b.r.left) > 2 &&
					Math.min(a.r.bottom, b.r.bottom) - b.r.top > 3;
				if (isOver && a.node !== b.node) found.push(a.text + ' / ' + b.text);
			}
		}
		return found`,

	"cut text": `
		const found = [];
		for (const e of all('body *').filter(e => isShown(e) && !e.closest('svg'))) {
			const s = getComputedStyle(e);
			const isCut = (['hidden', 'clip'].includes(s.overflowX) && e.scrollWidth > e.clientWidth + 1) ||
				(['hidden', 'clip'].includes(s.overflowY) && e.scrollHeight > e.clientHeight + 1);
			if (isCut && e.textContent.trim() && s.clipPath === 'none') found.push(excerpt(e));
		}
		const box = '.card, .tile, .button, .badge, button, summary';
		for (const t of texts()) {
			const around = t.e.closest(box)?.getBoundingClientRect();
			const isOutside = around && (t.r.left < around.left - 1 || t.r.right > around.right + 1);
			if (isOutside) found.push('outside: ' + t.text);
		}
		for (const e of all('input[placeholder]').filter(e => isShown(e) && !e.value)) {
			const pen = document.createElement('canvas').getContext('2d');
			const s = getComputedStyle(e);
			pen.font = s.font;
			const space = e.clientWidth - parseFloat(s.paddingLeft) - parseFloat(s.paddingRight);
			if (pen.measureText(e.placeholder).width > space) found.push('placeholder: ' + e.placeholder);
		}
		return found`,

	"control without a label": `return all(control)
		.filter(e => !(e.labels && e.labels.length) && !e.textContent.trim() && !e.ariaLabel)
		.map(excerpt)`,

	"skipped level of headings": `return all('h1, h2, h3, h4, h5, h6').map(e => Number(e.tagName[1]))
		.filter((level, i, all) => i === 0 ? level !== 1 : level > all[i - 1] + 1 || level === 1).map(String)`,

	"page without landmark or title": `return [document.querySelector('main'), document.title]
		.map((x, i) => x ? '' : 'missing ' + i).filter(Boolean)`,

	// WCAG 2.2, 3.1.1 and 3.1.2. Code and stored texts have no language.
	"text without its language": `
		const language = document.documentElement.lang;
		const other = {en: /[а-я]{2,}/i, ru: /([a-z]{2,}[ ,]+){3}[a-z]{2,}/}[language];
		if (!other) return ['language ' + language];
		const exempt = '[lang]:not(html), code, pre, bdi, .members';
		return texts().filter(t => other.test(t.node.data) && !t.e.closest(exempt))
			.map(t => t.node.data.trim().slice(0, 80))`,

	"table without headers": `return all('table').filter(t => !t.querySelector('th[scope]')).map(excerpt)`,

	"column of numbers that is not aligned to the right": `return all('tbody th, tbody td')
		.filter(e => isShown(e) && getComputedStyle(e).display === 'table-cell' && !e.closest('.members-table'))
		.filter(e => /^[\d\s,.]*\d( [A-Z]{3})?$/.test(e.lastElementChild?.innerText ?? e.innerText))
		.filter(e => getComputedStyle(e).textAlign !== 'end')
		.map(excerpt)`,

	"scrolled part that the keyboard can't reach": `return all('.scroll, pre')
		.filter(e => e.scrollWidth > e.clientWidth && e.tabIndex < 0).map(excerpt)`,

	"order of the focus that the page changes": `
		return all('[tabindex]').filter(e => e.tabIndex > 0).map(excerpt)`,

	"motion although the person wants less": `return all('body *').filter(e => {
			const s = getComputedStyle(e);
			return [s.transitionDuration, s.animationDuration].some(d => d.split(',').some(x => parseFloat(x) > 0));
		}).map(excerpt)`,

	// WCAG 2.2, 2.5.8: 24 by 24 pixels, except links in text and in cells.
	"small target": `return all(
			'button, input:not([type=hidden]), select, textarea, summary, nav a, a.button, .trail a')
		.filter(isShown).map(e => [e, e.getBoundingClientRect()])
		.filter(([, r]) => r.width < 24 || r.height < 24)
		.map(([e, r]) => excerpt(e) + ' ' + r.width + 'x' + r.height)`,

	// WCAG 2.2, 1.4.11: a contrast of 3 for the borders of fields.
	"field with little contrast": `return all(
			'input:not([type=hidden], [type=radio], [type=checkbox]), select, textarea')
		.filter(isShown)
		.filter(e => contrast(colour(getComputedStyle(e).borderTopColor), ground(e.parentElement)) < 3)
		.map(excerpt)`,

	// WCAG 2.2, 1.4.3: a contrast of 4.5, and of 3 for large text.
	"little contrast": `
		const low = new Set();
		for (const {e} of texts()) {
			const style = getComputedStyle(e);
			const text = colour(e.closest('svg') ? style.fill : style.color);
			const ratio = contrast(text, ground(e.closest('svg') || e));
			const isLarge = parseFloat(style.fontSize) >= 24;
			const name = e.tagName + ' ' + e.getAttribute('class') + ' ' + ratio.toFixed(2);
			if (ratio < (isLarge ? 3 : 4.5)) low.add(name);
		}
		return [...low]`,
}

// checksExpression returns an expression whose value is the list of faults of each check that finds faults.
func checksExpression() string {
	var b strings.Builder
	b.WriteString("(() => {" + helpers + "const found = {}; let faults;\n")
	for name, body := range checks {
		fmt.Fprintf(&b, "faults = (() => { %s })(); if (faults.length) found[%q] = faults;\n", body, name)
	}
	b.WriteString("return found; })()")
	return b.String()
}
