// Keeps the end in view while the reader is there, and never moves the page against them.
const NEAR = 48;

const thread = document.getElementById("thread");
const jump = document.querySelector("[data-jump]");
const page = document.documentElement;
const kept = `end:${location.pathname}`;
let following = true;
let last = 0;

const rest = () => page.scrollHeight - innerHeight - scrollY;

export function start() {
  if (!thread) return;
  if (opensAtEnd()) toEnd();
  else following = rest() < NEAR;
  last = scrollY;
  addEventListener("scroll", scrolled, { passive: true });
  addEventListener("resize", grown);
  addEventListener("pagehide", () => sessionStorage.setItem(kept, following ? "1" : ""));
  document.addEventListener("selectionchange", () => {
    if (selecting()) following = false;
  });
  thread.addEventListener("focusin", () => { following = false; });
  jump.addEventListener("click", toEnd);
  new ResizeObserver(grown).observe(thread);
  new ResizeObserver(grown).observe(document.querySelector(".dock"));
}

export function toEnd() {
  following = true;
  scrollTo({ top: page.scrollHeight, behavior: "instant" });
}

/** The reader asked for more at the end: a click in the thread has stopped following, this resumes it. */
export function followIfNear() {
  if (rest() < NEAR) toEnd();
}

/** A link to a turn, the browser's own memory and the reader's place come first. */
function opensAtEnd() {
  if (document.querySelector(location.hash.match(/^#m\d+$/)?.[0] ?? "_")) return false;
  return performance.getEntriesByType("navigation")[0]?.type === "navigate" || Boolean(sessionStorage.getItem(kept));
}

function scrolled() {
  const up = scrollY < last - 1;
  last = scrollY;
  if (rest() < 2) following = true;
  else if (up) following = false;
  else if (rest() < NEAR && !selecting()) following = true;
  jump.hidden = rest() < NEAR;
}

function grown() {
  if (following) toEnd();
  else jump.hidden = rest() < NEAR;
}

function selecting() {
  const selection = getSelection();
  return !selection.isCollapsed && thread.contains(selection.anchorNode);
}
