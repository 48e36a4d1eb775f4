// The console works without this module. The module keeps the overview and the progress of a comparison
// up to date, follows new records, and shows the age of the newest record.

import { follow } from './stream.js';

const page = document;

// The age of the newest record, in seconds, up to two minutes. Then the text of the server stays.
const ageMax = 120;

function showAge() {
  const age = page.querySelector('.age');
  if (!age) return;
  age.dataset.shown ??= performance.now();
  const seconds = Number(age.dataset.age) + Math.floor((performance.now() - Number(age.dataset.shown)) / 1000);
  if (seconds < ageMax) age.textContent = age.dataset.text.replace('{0}', seconds);
}

// position returns the position of the page in the log.
const position = () => page.getElementById('position').dataset.seq;

// replace puts each live part of the new HTML in place of the part with the same id. It keeps
// tables that the person has opened, and leaves a part alone that contains the focus.
function replace(html) {
  const next = new DOMParser().parseFromString(html, 'text/html');
  for (const part of next.querySelectorAll('[data-live]')) {
    const old = page.getElementById(part.id);
    if (!old || old.contains(page.activeElement)) continue;
    for (const details of old.querySelectorAll('details[open]')) {
      const same = part.querySelector(`#${CSS.escape(details.id)}`);
      if (same) same.open = true;
    }
    old.replaceWith(page.importNode(part, true));
  }
  showAge();
}

// report shows the message about a state of the stream, and hides the messages about other states.
function report(state, since) {
  for (const message of page.querySelectorAll('#stream > [data-state]')) {
    const text = since && message.dataset.text?.replace('{0}', since.toISOString().slice(0, 19).replace('T', ' ') + ' UTC');
    if (text && message.textContent !== text) message.textContent = text;
    message.hidden = message.dataset.state !== state;
  }
}

// The greatest number of rows of a page that follows new records.
const rowsMax = 100;

// addRows puts new rows above the others, and removes the oldest ones.
function addRows(html, panel) {
  const next = new DOMParser().parseFromString(html, 'text/html');
  const part = page.getElementById('rows');
  const body = part.querySelector('tbody');
  const rows = [...next.querySelectorAll('tbody tr')].map((row) => page.importNode(row, true));
  body.prepend(...rows);
  while (body.rows.length > rowsMax) body.deleteRow(-1);
  part.hidden = part.hidden && rows.length === 0;
  page.getElementById('norows')?.remove();
  page.getElementById('records-title').textContent = panel.dataset.title; // the number is of the first rows
  const status = panel.querySelector('[role=status]');
  panel.dataset.count = Number(panel.dataset.count || 0) + rows.length;
  status.textContent = status.dataset.text.replace('{0}', panel.dataset.count);
  if (next.querySelector('[data-skipped]')) status.textContent += ' ' + status.dataset.skipped;
}

// offerFollowing shows the button that begins and pauses the stream of new records. After a pause the
// stream goes on after the newest record that the page has received.
function offerFollowing(panel) {
  const button = panel.querySelector('button');
  const path = panel.dataset.follow;
  let after = position();
  let stop;
  button.onclick = () => {
    button.setAttribute('aria-pressed', !stop);
    button.textContent = stop ? button.dataset.start : button.dataset.pause;
    if (stop) {
      stop = stop();
      report('');
      return;
    }
    stop = follow(path, after, (data, id) => {
      after = id;
      if (!data) return; // the node has sent the position only
      addRows(data, panel);
      replace(data);
    }, report);
  };
  panel.hidden = false;
}

const panel = page.querySelector('[data-follow]');
if (panel) offerFollowing(panel);
const live = page.querySelector('[data-stream]');
if (live) {
  // The last event of a stream that ends has no part with a stream.
  const stop = follow(live.dataset.stream, position(), (data) => {
    replace(data);
    if (!page.querySelector('[data-stream]')) stop();
  }, report);
}
showAge();
setInterval(showAge, 1000);
