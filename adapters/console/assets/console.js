// The console works without this module. The module keeps the overview up to date, and shows
// the age of the newest record.

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

// follow shows the events of a stream until the page is left. While the node does not answer,
// the page shows since when.
function follow(path) {
  const lost = page.getElementById('lost');
  const stream = new EventSource(path);
  stream.onmessage = (event) => {
    lost.hidden = true;
    replace(event.data);
    page.documentElement.dataset.updated = event.lastEventId;
  };
  stream.onopen = () => { lost.hidden = true; };
  stream.onerror = () => {
    if (!lost.hidden) return;
    lost.textContent = lost.dataset.text.replace('{0}', new Date().toISOString().slice(0, 19).replace('T', ' ') + ' UTC');
    lost.hidden = false;
  };
  addEventListener('pagehide', () => stream.close());
}

const live = page.querySelector('[data-stream]');
if (live) follow(live.dataset.stream);
showAge();
setInterval(showAge, 1000);
