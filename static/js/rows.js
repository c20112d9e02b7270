// Articles of the thread: the same HTML comes with the page, with answers to forms and through the socket.
import { recount } from "./clock.js";
import { followIfNear } from "./follow.js";
import { graft } from "./graft.js";
import { numberOf } from "./live.js";
import { watch } from "./math.js";
import { outcome } from "./outcome.js";
import { settled } from "./status.js";
import { carryOver } from "./think.js";
import { localise } from "./time.js";

const thread = document.getElementById("thread");
// What gets the focus once there is a turn again.
let later = () => {};

const revision = (article) => Number(article.dataset.rev);

export function start() {
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    // The form itself may be gone by now: its own row can come through the socket first.
    const form = detail.requestConfig.elt;
    if (!thread || !form.matches("[data-rows]") || outcome(detail) !== "done") return;
    followIfNear();
    take(detail.xhr.responseText);
  });
}

/** What the page holds, as a resume tells it. */
export function shown() {
  const live = {};
  for (const article of thread.querySelectorAll(":scope > [data-live]")) {
    live[article.id.slice(1)] = numberOf(article);
  }
  return { rev: Number(thread.dataset.rev), live };
}

/** Put articles in their place. Whichever way one comes first, it comes once; `keep` is the live number at which
 * the text that is here already is the final one. */
export function take(html, keep) {
  const parsed = document.createElement("template");
  parsed.innerHTML = html;
  const focus = refocus();
  for (const fresh of parsed.content.querySelectorAll("article")) place(fresh, keep);
  const queue = parsed.content.getElementById("waiting");
  if (queue) placeQueue(queue);
  focus();
  later();
  later = () => {};
  count();
}

/** Let go of the articles that are not on the open branch. */
export function keepBranch(ids) {
  const wanted = new Set(ids.map((id) => `m${id}`));
  const focus = refocus();
  for (const article of [...thread.children]) if (!wanted.has(article.id)) article.remove();
  setTimeout(focus);
  later = focus;
  count();
}

function place(fresh, keep) {
  const present = document.getElementById(fresh.id);
  if (present && revision(present) >= revision(fresh)) return;
  if (present) carryOver(present, fresh);
  const ended = present?.dataset.live !== undefined && fresh.dataset.live === undefined;
  const kept = ended && numberOf(present) === keep;
  if (kept) graft(present, fresh);
  else if (present) present.replaceWith(fresh);
  else thread.append(fresh);
  const article = kept ? present : fresh;
  htmx.process(article);
  localise(article);
  watch(article);
  recount(article);
  if (ended) settled(article);
}

/** What waits, unless the page has a later state of it. A message that is being edited stays open, also when it has
 * gone out meanwhile. */
function placeQueue(fresh) {
  const present = document.getElementById("waiting");
  if (revision(present) > revision(fresh)) return;
  for (const form of present.querySelectorAll("[data-edit]")) {
    const id = form.closest(".turn").id.slice(1);
    (fresh.querySelector(`#w${id} .body`) ?? document.querySelector(`#m${id} .body`))?.append(form);
  }
  present.replaceWith(fresh);
  htmx.process(fresh);
}

/** If the focused control goes away, its like in the last turn gets the focus, or that turn's heading; if it is a
 * question's form, the new version of that question. */
function refocus() {
  const focused = document.activeElement;
  if (!thread.contains(focused)) return () => {};
  const label = focused.getAttribute("aria-label");
  const edited = focused.closest("[data-edit]");
  return () => {
    if (focused.isConnected || document.activeElement !== document.body) return;
    const turn = edited ? [...thread.querySelectorAll('[data-by="you"]')].at(-1) : thread.lastElementChild;
    const like = label && turn?.querySelector(`.acts [aria-label="${CSS.escape(label)}"]:not(:disabled)`);
    (like || turn?.querySelector(".by"))?.focus({ preventScroll: true });
  };
}

function count() {
  const turns = document.querySelector("[data-turns]");
  if (turns) turns.textContent = thread.children.length;
}
