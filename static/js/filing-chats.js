// The page that lists chats with a tick box each: ranges, all of them, how many, and the list as it is now.
import { tellReasons } from "./refused.js";
import { outcome } from "./outcome.js";
import { afterPress } from "./press.js";
import { localise } from "./time.js";

const PAUSE = 150;
const form = document.querySelector("[data-bulk]");
const list = document.getElementById("chats");
let last;
let scheduled;

const boxes = () => [...list.querySelectorAll('[name="id"]')];
const chosen = () => boxes().filter((box) => box.checked);

export function start() {
  if (!form) return;
  const slot = form.querySelector("[data-unfiled]");
  tellReasons(form, ({ target }) => target === form && slot);
  const back = document.getElementById("back");
  if (back) tellReasons(back, () => slot);
  form.addEventListener("click", clicked);
  // Else it would press the first button.
  form.addEventListener("keydown", (event) => event.key === "Enter" && event.target.matches(".tick") && event.preventDefault());
  form.addEventListener("change", ({ target }) => target.matches("[data-all]") && all(target.checked));
  form.addEventListener("htmx:afterRequest", ({ target, detail }) => {
    if (target !== form || outcome(detail) !== "done") return;
    done(detail.requestConfig);
  });
  document.addEventListener("parley:filed", () => {
    clearTimeout(scheduled);
    scheduled = setTimeout(refresh, PAUSE);
  });
  list.addEventListener("htmx:beforeSwap", keep);
  document.addEventListener("htmx:afterSwap", count);
  count();
}

/** A click with Shift gives everything since the last click the same tick. */
function clicked({ target, shiftKey }) {
  if (!target.matches('[name="id"]')) return;
  const all = boxes();
  const from = all.findIndex((box) => box.value === last);
  if (shiftKey && from >= 0) {
    const [start, end] = [from, all.indexOf(target)].sort((one, other) => one - other);
    for (const box of all.slice(start, end + 1)) box.checked = target.checked;
  }
  last = target.value;
  count();
}

/** What was ticked since it was sent stays so. */
function done({ formData, triggeringEvent }) {
  const sent = new Set(formData.getAll("id"));
  for (const box of chosen()) if (sent.has(box.value)) box.checked = false;
  count();
  if ([triggeringEvent?.submitter, document.body].includes(document.activeElement)) list.focus({ preventScroll: true });
}

function all(checked) {
  for (const box of boxes()) box.checked = checked;
  count();
}

function count() {
  const many = chosen().length;
  form.querySelector("[data-chosen]").textContent = many ? `${many} chosen` : "None chosen";
  const whole = form.querySelector("[data-all]");
  whole.checked = many > 0 && many === boxes().length;
  whole.indeterminate = many > 0 && !whole.checked;
  for (const button of form.querySelectorAll('[name="do"]')) button.disabled = !many;
  localise(list);
}

function refresh() {
  if (afterPress(refresh)) return;
  const address = new URL(location);
  address.searchParams.set("lines", boxes().length);
  htmx.ajax("GET", address.pathname + address.search, { source: list, target: list, swap: "innerHTML" }).catch(() => {});
}

/** The rows that come instead have the same ticks and the same focus; where the row is gone, the next one has it. */
function keep({ target, detail }) {
  if (target !== list || !detail.shouldSwap) return;
  if (afterPress(refresh)) {
    detail.shouldSwap = false;
    return;
  }
  const ticked = new Set(chosen().map((box) => box.value));
  const focused = list.contains(document.activeElement) && document.activeElement.closest("li");
  const rows = [...list.children];
  const next = focused ? rows.slice(rows.indexOf(focused)).map((row) => row.dataset.row) : [];
  const { name } = document.activeElement;
  list.addEventListener("htmx:afterSwap", () => {
    for (const box of boxes()) box.checked = ticked.has(box.value);
    if (!focused) return;
    const row = next.map((pk) => list.querySelector(`[data-row="${pk}"]`)).find(Boolean);
    (row?.querySelector(name ? `[name="${name}"]` : "a") ?? row?.querySelector("a") ?? list).focus({ preventScroll: true });
  }, { once: true });
}
