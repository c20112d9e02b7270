// The ways in which images come: the picker, a drop anywhere on the page, the clipboard, a link.
import { add, form } from "./images.js";

// Browsers tell at least this often that something is still being dragged over the page.
const DRAG_PAUSE = 600;
const LINK = /^https?:\/\/\S+\.(?:png|jpe?g|webp|gif|heic|avif)(?:[?#]\S*)?$/i;

const field = form?.querySelector("#text");
const touch = matchMedia("(pointer: coarse)");
const offer = form?.querySelector("[data-offer]");
let ownDrag = false;
let leaving;
let link = "";

export function start() {
  if (!form) return;
  const picker = form.querySelector("[data-attach]");
  picker.removeAttribute("name");
  picker.addEventListener("change", () => {
    attach([...picker.files]);
    picker.value = "";
    if (!touch.matches) field.focus();
  });
  document.addEventListener("dragstart", () => { ownDrag = true; });
  document.addEventListener("dragend", () => { ownDrag = false; });
  document.addEventListener("dragover", over);
  document.addEventListener("dragleave", ({ relatedTarget }) => relatedTarget ?? leave());
  document.addEventListener("drop", drop);
  document.addEventListener("paste", paste);
  field.addEventListener("input", () => field.value.includes(link) || offerLink(""));
  offer.addEventListener("click", answerOffer);
  form.addEventListener("submit", () => offerLink(""));
}

const attach = (files) => add(files.map((file) => ({ name: file.name, file })));
const busyElsewhere = () => Boolean(document.querySelector("dialog[open]")) || !form.checkVisibility();

function carriesFiles({ dataTransfer }) {
  return !ownDrag && dataTransfer.types.includes("Files");
}

function over(event) {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = busyElsewhere() ? "none" : "copy";
  form.toggleAttribute("data-dropping", !busyElsewhere());
  clearTimeout(leaving);
  leaving = setTimeout(leave, DRAG_PAUSE);
}

function leave() {
  clearTimeout(leaving);
  form.removeAttribute("data-dropping");
}

function drop(event) {
  if (!carriesFiles(event)) return;
  // Else the browser would open the file and leave the page.
  event.preventDefault();
  leave();
  if (busyElsewhere()) return;
  add([...event.dataTransfer.items].map(dropped).filter(Boolean));
  field.focus({ preventScroll: true });
}

function dropped(item) {
  const folder = item.webkitGetAsEntry?.()?.isDirectory;
  const file = item.getAsFile();
  return file && { name: file.name, file, wrong: folder ? "A folder cannot be attached; drop the images in it." : undefined };
}

function paste(event) {
  const elsewhere = event.target !== field && event.target.closest("input, textarea, select");
  if (elsewhere || busyElsewhere()) return;
  const files = [...event.clipboardData.files];
  const text = event.clipboardData.getData("text/plain").trim();
  // Word processors and tables put a picture of the text beside the text; file managers the file's name.
  if (files.length && (!text || files.some(({ name }) => text.includes(name)))) {
    event.preventDefault();
    attach(files);
  } else if (event.target === field) {
    offerLink(LINK.test(text) ? text : "");
  }
}

function offerLink(url) {
  link = url;
  offer.hidden = !url;
}

function answerOffer({ target }) {
  const url = link;
  if (!target.closest("button")) return;
  offerLink("");
  field.focus();
  if (target.closest("[data-attach-link]")) add([{ name: nameIn(url), url, attached: () => leaveOut(url) }]);
}

/** Decoded where that can be read. */
function nameIn(url) {
  const name = new URL(url).pathname.split("/").pop();
  try {
    return decodeURI(name) || url;
  } catch {
    return name;
  }
}

/** A link that was all there was has become the image. */
function leaveOut(url) {
  if (field.value.trim() !== url) return;
  field.value = "";
  field.dispatchEvent(new Event("input"));
}
