// The large picture: one dialog for all images of the conversation.
import * as zoom from "./images-zoom.js";

const dialog = document.querySelector("[data-viewer]");
const part = (name) => dialog.querySelector(`[data-${name}]`);
const shots = () => [...document.querySelectorAll("[data-shot]")];
let opener;
let shown;

export function start() {
  if (!dialog) return;
  zoom.start(part("stage"), {
    step,
    changed: (percent) => { part("viewer-zoom").textContent = `${percent}%`; },
  });
  document.addEventListener("click", clicked);
  dialog.addEventListener("keydown", pressed);
  dialog.addEventListener("close", closed);
  dialog.addEventListener("click", ({ target }) => {
    const { step: by, zoom: closer } = target.closest("[data-step], [data-zoom]")?.dataset ?? {};
    if (by) step(Number(by));
    else if (closer) zoom.by(Number(closer));
    else if (target === dialog) dialog.close();
  });
}

function clicked(event) {
  const link = event.target.closest("[data-shot]");
  // With a key held the link opens elsewhere, as links do.
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  opener = link;
  dialog.showModal();
  show(link);
  part("stage").focus();
}

function pressed(event) {
  const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
  if (ctrlKey || metaKey || altKey || event.isComposing) return;
  const act = shiftKey && key.startsWith("Arrow") ? undefined : {
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
    Home: () => show(shots()[0]),
    End: () => show(shots().at(-1)),
    "+": () => zoom.by(1),
    "=": () => zoom.by(1),
    "-": () => zoom.by(-1),
    0: () => zoom.by(0),
  }[key];
  const sideways = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (act) act();
  else if (shiftKey && sideways) zoom.pan(sideways);
  else return;
  event.preventDefault();
}

function step(by) {
  const all = shots();
  const next = all[all.indexOf(present(shown)) + by];
  if (next) show(next);
}

async function show(link) {
  if (!link) return;
  shown = link;
  const { name, described, width, height } = link.dataset;
  const all = shots();
  const at = all.indexOf(link);
  part("viewer-name").textContent = name;
  part("viewer-alt").textContent = described;
  part("viewer-place").textContent = all.length > 1 ? `${at + 1} of ${all.length}` : "";
  part("viewer-gone").hidden = true;
  settleStep(-1, at === 0);
  settleStep(1, at === all.length - 1);
  const img = part("stage").querySelector("img");
  // The small one is here already; the large one takes its place without a move.
  const small = link.querySelector("img");
  Object.assign(img, { src: small.currentSrc || small.src, alt: small.alt });
  zoom.fit(Number(width), Number(height));
  const large = Object.assign(new Image(), { src: link.href });
  const came = await large.decode().then(() => true, () => false);
  if (shown !== link || !dialog.open) return;
  if (came) img.src = large.src;
  part("viewer-gone").hidden = came;
}

function settleStep(by, over) {
  const button = dialog.querySelector(`[data-step="${by}"]`);
  // A button that goes away loses the focus.
  if (over && button === document.activeElement) part("stage").focus();
  button.hidden = over;
}

/** The focus goes back to where it came from, also when that turn was drawn anew in the meantime. */
function closed() {
  present(opener)?.focus({ preventScroll: true });
  shown = undefined;
}

function present(link) {
  if (!link || link.isConnected) return link;
  return shots().find(({ href }) => href === link.href);
}
