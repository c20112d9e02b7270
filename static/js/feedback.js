// Opinions about answers: the buttons are forms that work by themselves; here are the focus, the keys and other tabs.
import * as held from "./held.js";
import { forget } from "./kept.js";
import { say } from "./say.js";

export function start() {
  document.addEventListener("htmx:afterSettle", ({ target, detail }) => {
    if (target.matches?.(".opinion")) changed(target, detail.requestConfig.triggeringEvent);
  });
  // Before the keys of the whole page, for which Esc stops an answer.
  document.addEventListener("keydown", pressed, { capture: true });
  document.addEventListener("click", (event) => {
    const form = event.target.closest("[data-leave]")?.closest(".acts [data-comment]");
    if (!form) return;
    event.preventDefault();
    leave(form);
  });
  reopen(document);
}

/** Open the comments in here again that were being written when a page was left. */
export function reopen(root) {
  for (const link of root.querySelectorAll(".opinion > a:not([hidden])")) {
    const opinion = link.parentElement;
    held.reopen(link, `comment:${opinion.id.slice("opinion-".length)}`, opinion, "outerHTML");
  }
}

/** The same opinion in another tab: `good` is true, false or, where it was taken back, null; `said` is what the link
 * to its comment says. */
export function putOpinion({ m, good, said }) {
  const opinion = document.getElementById(`opinion-${m}`);
  if (!opinion) return;
  const given = good === null ? "none" : good ? "good" : "bad";
  for (const button of opinion.querySelectorAll("[data-opinion]")) {
    const here = button.dataset.opinion === given;
    button.setAttribute("aria-pressed", here);
    button.value = here ? "none" : button.dataset.opinion;
  }
  const link = opinion.querySelector(":scope > a");
  link.hidden = good === null;
  link.textContent = said;
  if (good !== null) return;
  held.hold(`#${opinion.id}`);
  opinion.querySelector("[data-comment]")?.remove();
}

/** What was focused may be gone with what was swapped. */
function changed(opinion, asked) {
  const [kept, form] = ["[data-saved]", "[data-comment]"].map((one) => opinion.querySelector(one));
  held.hold(`#${opinion.id}`, form);
  if (!asked) return;
  if (kept) say(kept.textContent);
  else if (form) say("You can say more below the answer.");
  form?.scrollIntoView({ block: "nearest" });
  if (document.activeElement === document.body) (kept ?? judged(opinion))?.focus();
}

function pressed(event) {
  const form = event.target.closest?.("[data-comment]");
  if (!form || event.isComposing || event.keyCode === 229) return;
  if (event.key === "Escape" && form.closest(".acts")) {
    event.preventDefault();
    leave(form);
  } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  }
}

function leave(form) {
  const opinion = form.closest(".opinion");
  held.hold(`#${opinion.id}`);
  forget(form);
  form.remove();
  judged(opinion)?.focus();
}

const judged = (opinion) => opinion.querySelector('[aria-pressed="true"]');
