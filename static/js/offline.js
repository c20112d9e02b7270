// The banner under the bar: since when and how long, and a way to hurry.
const SHOWN_AFTER = 1_500;

const banner = document.querySelector('[data-banner="offline"]');
const countdown = banner?.querySelector("[data-retry]");
let timer;
let ticker;
let appearing;
let due = 0;

/** Call `retry` after so many milliseconds, and say so if it takes noticeably long. */
export function wait(milliseconds, retry) {
  clear();
  due = Date.now() + milliseconds;
  timer = setTimeout(() => { clear(); retry(); }, milliseconds);
  appearing ??= setTimeout(() => show(banner), SHOWN_AFTER);
  ticker = setInterval(tick, 1_000);
  tick();
}

export const waiting = () => timer !== undefined;

export function hide() {
  clear();
  clearTimeout(appearing);
  appearing = undefined;
  if (banner) banner.hidden = true;
}

export function signedOut() {
  hide();
  show(document.querySelector('[data-banner="signed-out"]'));
}

export function onTryNow(retry) {
  banner?.querySelector("[data-now]").addEventListener("click", () => { clear(); retry(); });
}

function clear() {
  clearTimeout(timer);
  clearInterval(ticker);
  timer = undefined;
}

function tick() {
  if (countdown) countdown.textContent = `Trying again in ${Math.max(1, Math.ceil((due - Date.now()) / 1_000))} s.`;
}

function show(element) {
  if (!element?.hidden) return;
  element.hidden = false;
  // Filled after it appears, so that it is announced.
  const word = element.querySelector("[data-said]");
  word.textContent = word.dataset.said;
}
