// Search: results while one types, and arrows through them. On its page the address goes along.
import { say } from "./say.js";
import { localise } from "./time.js";

const PAUSE = 250; // milliseconds

let typed;
// How many could be walked through before a page of older ones came.
let known;

export function start() {
  document.addEventListener("input", (event) => !event.isComposing && soon(event));
  document.addEventListener("compositionend", soon);
  document.addEventListener("submit", ({ target }) => target.matches("[data-search]") && clearTimeout(typed));
  document.addEventListener("click", ({ target }) => target.closest("[data-search-again]") && formOf(target).requestSubmit());
  document.addEventListener("keydown", walk);
  document.addEventListener("htmx:beforeRequest", ({ target }) => tell(target, { busy: true, failed: false }));
  document.addEventListener("htmx:afterRequest", ({ target }) => tell(target, { busy: false }));
  // Unlike the end of a request, these are not told of one that a newer one has overtaken.
  document.addEventListener("htmx:sendError", ({ target }) => tell(target, { failed: true }));
  document.addEventListener("htmx:responseError", ({ target }) => tell(target, { failed: true }));
  document.addEventListener("htmx:beforeSwap", ({ target }) => { known = hitsIn(target).length; });
  document.addEventListener("htmx:afterSwap", ({ detail }) => show(detail));
}

const placeOf = (element) => element.closest("[data-search-in]");
const formOf = (element) => placeOf(element).querySelector("[data-search]");
const hitsIn = (element) => [...(placeOf(element)?.querySelectorAll("[data-hit]") ?? [])];

function soon({ target }) {
  const form = target.form;
  if (!form?.matches("[data-search]")) return;
  clearTimeout(typed);
  typed = setTimeout(() => form.requestSubmit(), PAUSE);
}

function tell(form, { busy, failed }) {
  if (!form.matches("[data-search]")) return;
  if (busy !== undefined) document.getElementById("found").setAttribute("aria-busy", busy);
  if (failed !== undefined) placeOf(form).querySelector("[data-search-failed]").hidden = !failed;
}

function show({ target, requestConfig, pathInfo }) {
  const { elt } = requestConfig;
  if (elt.matches("[data-older-hits]")) return goOn();
  if (target.id !== "found") return undefined;
  localise(target);
  say(target.querySelector("[data-summary]")?.textContent ?? "");
  const place = placeOf(target);
  if (place.dataset.searchIn !== "page") return undefined;
  const query = place.querySelector("[data-search-field]").value.trim();
  history.replaceState(history.state, "", pathInfo.finalRequestPath);
  document.title = `${query ? `${query} · ` : ""}Search · Parley`;
  return undefined;
}

/** The link to older ones had the focus and is gone: what came in its place has it. */
function goOn() {
  const found = document.getElementById("found");
  localise(found);
  hitsIn(found)[known - 1]?.focus();
}

/** Down from the field to the first result, up from there to the field. */
function walk(event) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const { target } = event;
  if (!by || event.isComposing || event.keyCode === 229 || event.altKey || event.ctrlKey || event.metaKey) return;
  if (!target.matches("[data-search-field], [data-hit]")) return;
  event.preventDefault();
  const hits = hitsIn(target);
  const next = hits.indexOf(target) + by;
  if (next < 0) placeOf(target).querySelector("[data-search-field]").focus();
  else hits[next]?.focus();
}
