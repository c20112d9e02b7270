// Keeps the end in view while the reader is there, and never moves the page against them.
const NEAR = 48;

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
  following = !document.querySelector(location.hash.match(/^#m\d+$/)?.[0] ?? "_");
  if (following || cameBack()) comeBack();
  addEventListener("scroll", scrolled, { passive: true });
  addEventListener("resize", grown);
  addEventListener("pagehide", leave);
  addEventListener("keydown", pressed);
  document.addEventListener("selectionchange", () => { following &&= !selecting(); });
  thread.addEventListener("focusin", () => { following = false; });
  jump.addEventListener("click", toEnd);
  new ResizeObserver(grown).observe(thread);
  new ResizeObserver(grown).observe(document.querySelector(".dock"));
}

export function toEnd() {
  following = true;
  scrollTo({ top: page.scrollHeight, behavior: "instant" });
  last = scrollY;
}

/** The reader asked for more at the end: a click in the thread has stopped following, this resumes it. */
export function followIfNear() {
  if (rest() < NEAR) toEnd();
}

const cameBack = () => performance.getEntriesByType("navigation")[0]?.type !== "navigate";

/** To the turn that was read when this page was left, or else to the end. */
function comeBack() {
  const { id, top } = cameBack() ? JSON.parse(sessionStorage.getItem(kept) ?? "{}") : {};
  const turn = id && document.getElementById(id);
  if (!turn) return toEnd();
  following = false;
  turn.scrollIntoView();
  scrollBy({ top: turn.getBoundingClientRect().top - top, behavior: "instant" });
}

function leave() {
  const read = [...thread.children].find((turn) => turn.getBoundingClientRect().bottom > 0);
  const place = following || !read ? {} : { id: read.id, top: read.getBoundingClientRect().top };
  sessionStorage.setItem(kept, JSON.stringify(place));
}

/** The browser glides to where the end was when the key was pressed; a running answer is longer by then. */
function pressed(event) {
  if (event.key !== "End" || event.defaultPrevented || event.target.closest?.("input, textarea, pre")) return;
  event.preventDefault();
  toEnd();
}

function scrolled() {
  jump.hidden = rest() < NEAR;
  // Our own movement says nothing about the reader.
  if (scrollY === last) return;
  const up = scrollY < last;
  last = scrollY;
  following = !selecting() && (rest() < 2 || (!up && rest() < NEAR));
}

function grown() {
  if (following) toEnd();
  else jump.hidden = rest() < NEAR;
}

function selecting() {
  const selection = getSelection();
  return !selection.isCollapsed && thread.contains(selection.anchorNode);
}
