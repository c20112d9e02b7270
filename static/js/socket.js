// The socket brings frames; up go only short words. Whatever is lost with it, the next resume brings back.
import { goneFromHere, lostHere } from "./gone.js";
import { receive } from "./frames.js";
import * as offline from "./offline.js";
import { shown } from "./rows.js";
import { told } from "./sidebar.js";
import { look } from "./unread.js";

const SIGNED_OUT = 4401;
const NO_SUCH_CONVERSATION = 4404;
const LOST_ACCESS = 4403;
// The server restarts or goes away: it will be back at once.
const BACK_SOON = [1001, 1012];
const FIRST_PAUSE = 300;
const LONGEST_PAUSE = 30_000;
const STEADY_AFTER = 5_000;
const RESUME_PAUSE = 500;
const ACK_FRAMES = 64;
const ACK_CHARACTERS = 64_000;

const conversation = document.body.dataset.conversation;
let socket;
let attempts = 0;
let received = 0;
let acknowledged = 0;
let unacknowledged = 0;
let steady;
let lastResume = 0;

export function start() {
  connect();
  offline.onTryNow(connect);
  addEventListener("offline", lose);
  addEventListener("online", () => offline.waiting() && connect());
  addEventListener("pageshow", (event) => event.persisted && connect());
  document.addEventListener("parley:gap", resume);
  document.addEventListener("parley:tell", ({ detail }) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(detail));
  });
}

function connect() {
  if (socket && socket.readyState <= WebSocket.OPEN) return;
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const path = conversation ? `/ws/c/${conversation}/` : "/ws/";
  received = acknowledged = unacknowledged = lastResume = 0;
  socket = new WebSocket(`${scheme}//${location.host}${path}`);
  socket.onopen = opened;
  socket.onmessage = heard;
  socket.onclose = closed;
}

function opened() {
  offline.hide();
  steady = setTimeout(() => { attempts = 0; }, STEADY_AFTER);
  resume();
  // What was told before this socket was there, or while there was none.
  socket.send(JSON.stringify({ t: "list", told: told() }));
  look();
}

function heard({ data }) {
  received += 1;
  unacknowledged += data.length;
  if (received - acknowledged >= ACK_FRAMES || unacknowledged >= ACK_CHARACTERS) {
    acknowledged = received;
    unacknowledged = 0;
    socket.send(JSON.stringify({ t: "ack", f: received }));
  }
  receive(JSON.parse(data));
}

/** Ask for everything that this page lacks. A gap is noticed by many frames at once: ask once. */
function resume() {
  if (!conversation || socket?.readyState !== WebSocket.OPEN || Date.now() - lastResume < RESUME_PAUSE) return;
  lastResume = Date.now();
  socket.send(JSON.stringify({ t: "resume", ...shown() }));
}

/** Without a network the browser may keep a dead socket open for minutes, and even for ever. */
function lose() {
  if (!socket || socket.readyState > WebSocket.OPEN) return;
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.close();
  closed({});
}

function closed({ code }) {
  clearTimeout(steady);
  if (code === SIGNED_OUT) return offline.signedOut();
  if (code === NO_SUCH_CONVERSATION) return goneFromHere(true);
  if (code === LOST_ACCESS) return lostHere();
  const longest = BACK_SOON.includes(code) ? FIRST_PAUSE : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** attempts);
  attempts += 1;
  offline.wait(longest * (0.5 + Math.random() / 2), connect);
}
