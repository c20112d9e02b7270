// The line that is read stays where it is on the screen when something changes above it.
import { held } from "./follow.js";

const thread = document.getElementById("thread");
const root = document.documentElement;
// Where the browser does this itself it does it for every change; elsewhere we do.
const byItself = CSS.supports("overflow-anchor", "auto");
// How long what has come may still become higher or lower.
const SETTLING = 600;
const sizes = new ResizeObserver(hold);
let read;
let settled;

export function start() {
  if (thread && !byItself) watch();
}

/** Change what stands above the turn that is read. */
export function steadily(change) {
  note();
  // The browser's own way does nothing at the very top, and must not come on top of ours.
  root.toggleAttribute("data-steady", true);
  change();
  hold();
  watch();
  clearTimeout(settled);
  settled = setTimeout(rest, SETTLING);
}

/** Maths are drawn in what has come, and turns get their own heights when they are first laid out: each is made up for
 * before it is painted. */
function watch() {
  addEventListener("scroll", hold, { passive: true });
  sizes.observe(thread);
}

function rest() {
  root.removeAttribute("data-steady");
  if (!byItself) return;
  removeEventListener("scroll", hold);
  sizes.unobserve(thread);
}

/** The first line that begins in the window: one that is cut off by its top may become higher itself. */
function note() {
  const turn = [...thread.children].find(shows);
  const turns = turn ? [turn, turn.nextElementSibling ?? turn] : [];
  const lines = turns.flatMap((one) => [...one.querySelectorAll(".prose > *, .slip")]);
  const line = lines.find(begins) ?? lines.find(shows) ?? turn;
  read = line && { line, top: line.getBoundingClientRect().top + scrollY, from: scrollY };
}

const shows = (part) => part.getBoundingClientRect().bottom > 0;

function begins(part) {
  const { top } = part.getBoundingClientRect();
  return top >= 0 && top < innerHeight;
}

/** What the line has moved by in the document, the window follows; unless the reader has gone to the very top. */
function hold() {
  const there = read?.line.isConnected && (scrollY || !read.from);
  const moved = there ? read.line.getBoundingClientRect().top + scrollY - read.top : 0;
  if (moved) {
    scrollBy({ top: moved, behavior: "instant" });
    held();
  }
  note();
}
