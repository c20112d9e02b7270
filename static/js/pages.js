// Turns that the page lacks come when the reader is two screens from where it ends, or when their link is used.
import { isComposing } from "./composer.js";
import { ends, insert, mark } from "./reach.js";
import { ready } from "./rows.js";
import { say } from "./say.js";
import { steadily } from "./steady.js";
import { look } from "./unread.js";

const NEAR = "200% 0px";
const TYPING_PAUSE = 5_000;

const thread = document.getElementById("thread");
const near = new IntersectionObserver(seen, { rootMargin: NEAR });

export function start() {
  if (!thread) return;
  for (const more of document.querySelectorAll("[data-more]")) near.observe(more);
  document.addEventListener("click", clicked);
}

/** Load the page anew, as too much is different now to be told piece by piece; but not while somebody types in it. */
export function startAnew() {
  if (isComposing() || document.querySelector("[data-edit], [data-comment]")) setTimeout(startAnew, TYPING_PAUSE);
  else location.reload();
}

function seen(entries) {
  for (const { target, isIntersecting } of entries) if (isIntersecting) load(target);
}

function clicked(event) {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const more = link.closest("[data-more]");
  const turn = !more && link.pathname === location.pathname && /^#m\d+$/.test(link.hash) && thread.querySelector(link.hash);
  if (more || turn) event.preventDefault();
  if (more) load(more, true);
  // It is here: nothing has to be loaded.
  if (turn) goTo(turn, link.hash);
}

function goTo(turn, hash) {
  if (location.hash !== hash) history.pushState(null, "", hash);
  turn.scrollIntoView();
  turn.querySelector(".by").focus({ preventScroll: true });
}

async function load(more, asked = false) {
  if (more.hasAttribute("aria-busy")) return;
  more.setAttribute("aria-busy", "true");
  const wanted = state(more);
  const failed = await merge(more, wanted).then(() => false, () => state(more) === wanted);
  more.removeAttribute("aria-busy");
  more.toggleAttribute("data-failed", failed);
  if (failed) return say("The messages could not be loaded");
  if (asked) say("The messages are here");
  // If the page still ends nearby, the next ones are due.
  near.unobserve(more);
  near.observe(more);
}

/** Fetch what the link leads to and put it in its place. */
async function merge(more, wanted) {
  const link = more.firstElementChild;
  const page = await fetched(link.href);
  // Meanwhile this page has come to know something newer: it comes with the next look.
  if (state(more) !== wanted || Number(page.dataset.rev) < Number(thread.dataset.rev)) return;
  const focused = document.activeElement === link;
  const edge = more.dataset.more === "before" ? thread.firstElementChild : thread.lastElementChild;
  const fresh = [...page.children].filter((article) => !document.getElementById(article.id));
  for (const article of fresh) {
    ready(article, true);
    // Laid out once, so that its height is the true one; then it is remembered.
    article.toggleAttribute("data-new", true);
  }
  ends(page.dataset.end, page.dataset.count);
  if (more.dataset.more === "before") steadily(() => { thread.prepend(...fresh); mark(); });
  else {
    fresh.forEach(insert);
    mark();
    look();
  }
  requestAnimationFrame(() => requestAnimationFrame(() => {
    for (const article of fresh) article.removeAttribute("data-new");
  }));
  for (const article of fresh) htmx.process(article);
  if (focused) edge.querySelector(".by").focus({ preventScroll: true });
}

const state = (more) => `${more.firstElementChild.href} ${thread.dataset.end}`;

async function fetched(url) {
  const response = await fetch(url, { headers: { "HX-Request": "true" } });
  if (!response.ok || response.redirected) throw new Error(`${url}: ${response.status}`);
  const parsed = document.createElement("template");
  parsed.innerHTML = await response.text();
  return parsed.content.getElementById("thread");
}
