// An answer that waits for its turn says its place, and how long that takes.
import { say } from "./say.js";

const waits = new Map();

export function start() {
  for (const line of document.querySelectorAll("[data-queue]:not([hidden])")) follow(line, line.dataset.queue.split(" "));
  setInterval(tick, 1_000);
}

/** Show the place of this article's answer: how many go first, and in how many seconds its turn comes. */
export function showWait(article, [ahead, seconds]) {
  const line = article.querySelector("[data-queue]");
  if (line) follow(line, [ahead, seconds]);
}

function follow(line, [ahead, seconds]) {
  const waiting = Number(ahead) + Number(seconds) > 0;
  if (waiting && line.hidden) say("Waiting for its turn");
  line.hidden = !waiting;
  if (waiting) waits.set(line, { ahead: Number(ahead), until: Date.now() + 1_000 * seconds });
  else waits.delete(line);
  tick();
}

function tick() {
  for (const [line, { ahead, until }] of waits) {
    if (!line.isConnected) waits.delete(line);
    else line.lastElementChild.textContent = words(ahead, Math.max(0, Math.ceil((until - Date.now()) / 1_000)));
  }
}

function words(ahead, seconds) {
  const first = ahead === 1 ? "1 answer goes first" : ahead ? `${ahead} answers go first` : "Its turn is next";
  return seconds ? `${first}, about ${seconds} s.` : `${first}.`;
}
