// A stream of server-sent events that connects again by itself. The module reads the stream with fetch,
// because an EventSource gives up after an answer such as 503 or 401, and does not show the status.

// The maximum wait before the next connection, in milliseconds, doubles with each failure up to waitMax.
// Each wait is random, at least half of the maximum, so that pages do not all connect at one instant.
const waitMin = 1000;
const waitMax = 15000;

// The node sends at least a comment every 20 seconds. After silenceMax, in milliseconds, the page
// replaces the connection.
const silenceMax = 45000;

// A further request would get the same answer until the person signs in or loads the page again.
const isFinal = (status) => status >= 400 && status < 500 && status !== 408 && status !== 429;

// follow passes the data and the id of each event to show, until the page is left or the returned
// function is called. The stream begins after the event with the id last. The function report gets the
// state of the stream: '' while events arrive, 'lost' and the instant of the last data while the node
// does not answer, 'ended' after the end of the session, and 'refused' after another final answer.
export function follow(path, last, show, report) {
  let isOver = false;
  let failures = 0;
  let received = new Date();
  let timer;
  let connection;

  async function connect() {
    const mine = connection = new AbortController();
    const signal = mine.signal;
    let silence;
    const watch = () => {
      clearTimeout(silence);
      silence = setTimeout(() => mine.abort(), silenceMax);
    };
    let hasEnded = false;
    try {
      watch();
      const answer = await fetch(path, { signal, cache: 'no-store', headers: { 'Last-Event-ID': last } });
      if (isFinal(answer.status)) {
        isOver = true;
        report(answer.status === 401 ? 'ended' : 'refused');
        return;
      }
      await read(answer, watch, (data, id) => {
        last = id;
        failures = 0;
        if (isOver) return;
        try {
          show(data, id);
        } catch (error) {
          reportError(error); // an error of the page is no failure of the connection
        }
      });
      hasEnded = true;
    } catch {
      // The connection has failed: the code below reports the failure, and connects again.
    } finally {
      clearTimeout(silence);
      mine.abort(); // closes the connection of an answer that is not a stream
    }
    if (mine !== connection || isOver) return;
    fail(hasEnded);
  }

  // read passes the events of an answer to take, up to the end of the answer.
  async function read(answer, watch, take) {
    if (!answer.ok || answer.headers.get('Content-Type') !== 'text/event-stream') throw new Error(answer.status);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    report('');
    let text = '';
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      received = new Date();
      watch();
      const events = (text + value).split('\n\n');
      text = events.pop();
      for (const event of events) {
        const field = (name) => event.split('\n').filter((line) => line.startsWith(name)).map((line) => line.slice(name.length));
        const [id] = field('id: ');
        if (id !== undefined) take(field('data: ').join('\n'), id);
      }
    }
  }

  // fail connects again after a wait. The first failure after the regular end of a stream is not reported,
  // because a proxy or the node may end a stream while the node answers.
  function fail(hasEnded) {
    if (!hasEnded) report('lost', received);
    const wait = Math.min(waitMax, waitMin * 2 ** failures++);
    timer = setTimeout(connect, wait * (1 + Math.random()) / 2);
  }

  function pause() {
    clearTimeout(timer);
    connection.abort();
    connection = undefined;
  }

  // resume connects after the return to a page that the browser has kept.
  function resume() {
    received = new Date();
    connect();
  }

  const stop = () => {
    isOver = true;
    if (connection) pause();
  };
  addEventListener('pagehide', () => { if (!isOver) pause(); });
  addEventListener('pageshow', (event) => { if (event.persisted && !isOver) resume(); });
  connect();
  return stop;
}
