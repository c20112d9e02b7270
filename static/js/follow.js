// Keeps the end in view while the reader is there, and never moves the page against them.
import { hasEnd } from "./reach.js";

const NEAR = 48;
// How long after its beginning a page may still become higher or lower by itself.
const SETTLING = 1_000;
// What has the keys for itself, or scrolls by itself.
const ELSEWHERE = "input, textarea, select, pre, dialog, [popover], .side";

const thread = document.getElementById("thread");
const jump = document.querySelector("[data-jump]");
const page = document.documentElement;
const kept = `place:${location.pathname}`;
let following = true;
let last = 0;

const rest = () => page.scrollHeight - innerHeight - scrollY;

export function start() {
  if (!thread) return;
  // The browser remembers a number of pixels, but turns out of view have no exact height yet.
  history.scrollRestoration = "manual";
  if (!open()) return;
  addEventListener("scroll", scrolled, { passive: true });
  addEventListener("resize", grown);
  addEventListener("pagehide", leave);
  addEventListener("keydown", pressed);
  document.addEventListener("selectionchange", () => { following &&= !selecting(); });
  thread.addEventListener("focusin", () => { following = false; });
  jump.addEventListener("click", jumpToEnd);
  new ResizeObserver(grown).observe(thread);
  new ResizeObserver(grown).observe(document.querySelector(".dock"));
}

/** The end of the branch, or nothing while it is not on this page. */
export function toEnd() {
  if (!hasEnd()) return;
  following = true;
  scrollTo({ top: page.scrollHeight, behavior: "instant" });
  last = scrollY;
}

/** The end of the branch, wherever it is. */
export function jumpToEnd() {
  if (hasEnd()) toEnd();
  else location.assign(location.pathname);
}

/** What was read was held in its place, by scrolling as far as it had moved. */
export function held() {
  last = scrollY;
}

/** Turns go, and others come in their place: where the reader is there is room until these have their heights. */
export function keepRoom() {
  if (following) return;
  thread.style.minHeight = `${thread.offsetHeight}px`;
  requestAnimationFrame(() => requestAnimationFrame(() => { thread.style.minHeight = ""; }));
}

/** The reader asked for more at the end: a click in the thread has stopped following, this resumes it. */
export function followIfNear() {
  if (rest() < NEAR) toEnd();
}

const cameBack = () => performance.getEntriesByType("navigation")[0]?.type !== "navigate";

/** To the turn that was read when this page was left, to the one that the address names, or else to the end. A turn
 * that is not on this page has one around it: false when that is on its way instead.
 */
function open() {
  const asked = new URLSearchParams(location.search);
  const named = location.hash.match(/^#(m\d+)$/)?.[1] ?? idOf(asked.get("m") ?? asked.get("near"));
  const { id: left, top } = JSON.parse(sessionStorage.getItem(kept) ?? "{}");
  const id = cameBack() ? left : named;
  const turn = id && document.getElementById(id);
  following = !turn && !asked.has("before") && !asked.has("after");
  if (id && !turn && !asked.has("near")) {
    location.replace(`?near=${id.slice(1)}${location.hash}`);
    return false;
  }
  // A reload must not open that branch again.
  if (asked.has("m") || asked.has("near")) history.replaceState(null, "", location.pathname + location.hash);
  if (following) jumpToEnd();
  turn?.scrollIntoView();
  if (turn && id === named) focusLater(turn);
  if (turn) stay(turn, id === left ? top : turn.getBoundingClientRect().top);
  return true;
}

/** Keep the turn at this height of the window until what is around it has its own height, or the reader moves. */
function stay(turn, top) {
  const until = performance.now() + SETTLING;
  const moves = new AbortController();
  for (const move of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    addEventListener(move, () => moves.abort(), { signal: moves.signal, passive: true });
  }
  const step = () => {
    if (moves.signal.aborted || !turn.isConnected) return;
    const moved = turn.getBoundingClientRect().top - top;
    if (Math.abs(moved) >= 1) scrollBy({ top: moved, behavior: "instant" });
    last = scrollY;
    if (performance.now() < until) requestAnimationFrame(step);
    else moves.abort();
  };
  step();
}

/** A browser that has gone to what the address names takes the focus away from everything else. */
function focusLater(turn) {
  const focus = () => document.activeElement === document.body && turn.querySelector(".by").focus({ preventScroll: true });
  addEventListener("load", () => requestAnimationFrame(focus), { once: true });
}

const idOf = (number) => number && `m${number}`;

function leave() {
  const read = [...thread.children].find((turn) => turn.getBoundingClientRect().bottom > 0);
  const place = following || !read ? {} : { id: read.id, top: read.getBoundingClientRect().top };
  sessionStorage.setItem(kept, JSON.stringify(place));
}

/** The browser glides to where the end was when the key was pressed; a running answer is longer by then. On the way
 * to the beginning it stops where a turn gets its height.
 */
function pressed(event) {
  const { key, shiftKey, altKey, metaKey, target } = event;
  // With one of these it selects, or leads the browser to another page.
  if (!["Home", "End"].includes(key) || shiftKey || altKey || metaKey) return;
  if (event.defaultPrevented || target.closest?.(ELSEWHERE)) return;
  event.preventDefault();
  if (key === "End") jumpToEnd();
  else scrollTo({ top: 0, behavior: "instant" });
}

function scrolled() {
  showJump();
  // Our own movement says nothing about the reader.
  if (scrollY === last) return;
  const up = scrollY < last;
  last = scrollY;
  following = !selecting() && hasEnd() && (rest() < 2 || (!up && rest() < NEAR));
}

function grown() {
  if (following) toEnd();
  showJump();
}

function showJump() {
  jump.hidden = hasEnd() && rest() < NEAR;
}

function selecting() {
  const selection = getSelection();
  return !selection.isCollapsed && thread.contains(selection.anchorNode);
}
