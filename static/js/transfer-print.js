// A page on paper: times by the reader's clock, maths drawn, then the browser's own dialog where it may be printed.
import { draw } from "./math.js";

const READY_AFTER = 150;
const PATIENCE = 5_000;
const whole = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short" });

for (const time of document.querySelectorAll("[data-whole]")) time.textContent = whole.format(new Date(time.dateTime));
document.querySelector("[data-print]")?.addEventListener("click", () => print());
draw(document);
ready();

/** Pictures come with the page's load event; maths is there when none is left as source. */
async function ready() {
  if (document.readyState !== "complete") await new Promise((done) => addEventListener("load", done, { once: true }));
  const until = Date.now() + PATIENCE;
  while (document.querySelector("[data-math]:not([data-tex])") && Date.now() < until) await pause(READY_AFTER);
  await document.fonts.ready;
  document.body.dataset.ready = "";
  if (location.hash === "#now") print();
}

const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });
