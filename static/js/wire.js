// The one socket of a page, for members and for readers of a link alike: it says what it has got, asks once for what is
// missing and not for every frame, and knows how long to wait before the next try.
const FIRST_PAUSE = 300;
const LONGEST_PAUSE = 30_000;
// The server restarts or goes away: it will be back at once.
const BACK_SOON = [1001, 1012];
const STEADY_AFTER = 5_000;
const RESUME_PAUSE = 500;
const ACK_FRAMES = 64;
const ACK_CHARACTERS = 64_000;

/** `shown` tells what the page has, nothing where there is nothing to ask for; `receive` takes a frame; `opened` and
 * `closed` hear how it stands, the latter with the code and the milliseconds to wait before `connect` is called. */
export function wire(path, { shown, receive, opened, closed }) {
  let socket;
  let attempts = 0;
  let steady;
  let received;
  let acknowledged;
  let unacknowledged;
  let lastResume;

  function connect() {
    if (socket && socket.readyState <= WebSocket.OPEN) return;
    received = acknowledged = unacknowledged = lastResume = 0;
    socket = new WebSocket(`${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${path}`);
    socket.onopen = up;
    socket.onmessage = heard;
    socket.onclose = down;
  }

  function send(word) {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(word));
  }

  function resume() {
    const has = shown();
    if (!has || socket?.readyState !== WebSocket.OPEN || Date.now() - lastResume < RESUME_PAUSE) return;
    lastResume = Date.now();
    send({ t: "resume", ...has });
  }

  function up() {
    steady = setTimeout(() => { attempts = 0; }, STEADY_AFTER);
    resume();
    opened();
  }

  function heard({ data }) {
    received += 1;
    unacknowledged += data.length;
    if (received - acknowledged >= ACK_FRAMES || unacknowledged >= ACK_CHARACTERS) {
      acknowledged = received;
      unacknowledged = 0;
      send({ t: "ack", f: received });
    }
    receive(JSON.parse(data));
  }

  function down({ code }) {
    clearTimeout(steady);
    const longest = BACK_SOON.includes(code) ? FIRST_PAUSE : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** attempts);
    attempts += 1;
    closed(code, longest * (0.5 + Math.random() / 2));
  }

  /** Without a network the browser may keep a dead socket open for minutes, and even for ever. */
  function lose() {
    if (!socket || socket.readyState > WebSocket.OPEN) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    down({});
  }

  addEventListener("offline", lose);
  return { connect, send, resume };
}
