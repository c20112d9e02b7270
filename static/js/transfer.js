// Import and export: a file that is too large is refused before it is sent, and the pages say how far things are.
import { say } from "./say.js";
import { inWords } from "./size.js";

export function start() {
  document.querySelector("[data-import-form]")?.addEventListener("submit", sending);
  document.addEventListener("htmx:afterSwap", ({ detail }) => told(detail.elt));
  // Leaving a page by going back shows it as it was: with a button that waits for nothing.
  addEventListener("pageshow", ({ persisted }) => persisted && label("Import", false));
}

function sending(event) {
  const form = event.currentTarget;
  const [file] = form.elements.file.files;
  const limit = Number(form.dataset.limit);
  if (file && file.size > limit) {
    event.preventDefault();
    return refuse(form, `The file has ${inWords(file.size)}; the limit is ${inWords(limit)}.`);
  }
  return label("Sending …", true);
}

function refuse(form, sentence) {
  const error = form.querySelector("[data-import-error]");
  error.hidden = false;
  error.textContent = sentence;
  form.elements.file.setAttribute("aria-invalid", "true");
  form.elements.file.setAttribute("aria-describedby", "file-help file-error");
  form.elements.file.focus();
}

function label(words, busy) {
  const shown = document.querySelector("[data-import-label]");
  if (!shown) return;
  shown.textContent = words;
  // After the form is gathered: a disabled button would not matter to it, but a second click would.
  setTimeout(() => { shown.closest("button").disabled = busy; });
}

function told(element) {
  const done = element.closest?.("[data-import-done]") ?? document.querySelector("[data-import-done]");
  if (done) say(done.dataset.importDone);
}

/** So many of the member's conversations are in the file that is downloaded. */
export function putExported({ n, of }) {
  const shown = document.querySelector("[data-exported]");
  if (!shown) return;
  shown.textContent = `${n} of ${of} chats`;
  if (n === of) say("The export is done");
}
