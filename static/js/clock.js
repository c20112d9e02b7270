// What counts seconds: thinking counts up, a wait that the model's server asked for counts down.
import { say } from "./say.js";

// A page that nobody looks at must not ask for ever.
const MOST_TRIES = 3;
const tries = new Map();
const waits = new Map();

export function start() {
  setInterval(tick, 1_000);
  const last = document.querySelector(".thread > .turn:last-child [data-retry-after]");
  if (last) begin(last, age(last));
  document.addEventListener("click", (event) => {
    const cancel = event.target.closest("[data-cancel]");
    if (cancel) end(cancel.closest("[data-retry-after]"));
  });
}

/** Count down in this article, if its notice asks for it: from now where it has just come, else what is left. */
export function recount(article, old) {
  const notice = article.querySelector("[data-retry-after]");
  if (notice) begin(notice, old ? age(notice) : 0);
}

/** Seconds since the turn was asked for: in an old page the time is long up. */
const age = (notice) => (Date.now() - Date.parse(notice.closest(".turn").querySelector("time").dateTime)) / 1_000;

function begin(notice, passed = 0) {
  const seconds = Number(notice.dataset.retryAfter);
  const left = Math.ceil(seconds - Math.max(0, passed));
  const turn = notice.closest(".turn");
  if (left <= 0 || turn.nextElementSibling || (tries.get(turn.id) ?? 0) >= MOST_TRIES) return;
  waits.set(notice, { seconds, left });
  mark(notice, true);
  say(`Trying again in ${left} seconds`);
  show(notice);
}

function end(notice) {
  waits.delete(notice);
  mark(notice, false);
  notice.querySelector("[data-countdown]").textContent = "";
}

function mark(notice, counting) {
  // An svg has the attribute, but not the property.
  for (const part of notice.querySelectorAll(".ring, [data-cancel]")) part.toggleAttribute("hidden", !counting);
  notice.querySelector(":scope > .i").toggleAttribute("hidden", counting);
  notice.querySelector("form button").textContent = counting ? "Try now" : "Try again";
}

function tick() {
  for (const think of document.querySelectorAll(".think[data-thinking]")) {
    think.dataset.thinking = Number(think.dataset.thinking) + 1;
    think.querySelector("[data-label]").textContent = `Thinking, ${Math.round(think.dataset.thinking)} s`;
  }
  for (const [notice, wait] of waits) {
    wait.left -= 1;
    if (!notice.isConnected || notice.closest(".turn").nextElementSibling) waits.delete(notice);
    else if (wait.left > 0) show(notice);
    else if (!document.hidden) tryAgain(notice);
  }
}

function show(notice) {
  const { seconds, left } = waits.get(notice);
  notice.querySelector("[data-countdown]").textContent = `Trying again in ${left} s.`;
  const arc = Math.round((100 * left) / seconds);
  notice.querySelector(".ring :last-child").setAttribute("stroke-dasharray", `${arc} 100`);
}

function tryAgain(notice) {
  const turn = notice.closest(".turn");
  tries.set(turn.id, (tries.get(turn.id) ?? 0) + 1);
  end(notice);
  say("Trying again");
  notice.querySelector("form").requestSubmit();
}
