// A question is edited in its place. The form comes from the server; Cancel and Esc show the question again.
const composer = document.getElementById("text");
const touch = matchMedia("(pointer: coarse)");

export function start() {
  document.addEventListener("htmx:afterSettle", ({ target }) => {
    const form = target.querySelector?.(":scope > [data-edit]");
    if (form) open(form);
  });
  composer?.addEventListener("keydown", editLast);
}

function open(form) {
  const field = form.elements.text;
  field.focus({ preventScroll: true });
  form.scrollIntoView({ block: "center" });
  field.setSelectionRange(field.value.length, field.value.length);
  form.addEventListener("keydown", pressed);
  form.querySelector("[data-leave]").addEventListener("click", (event) => {
    event.preventDefault();
    leave(form);
  });
}

function pressed(event) {
  if (event.isComposing || event.keyCode === 229) return;
  if (event.key === "Escape") {
    event.preventDefault();
    leave(event.currentTarget);
  }
  if (event.key !== "Enter" || !event.target.matches("textarea")) return;
  const always = event.ctrlKey || event.metaKey;
  if (!always && (event.shiftKey || event.altKey || touch.matches)) return;
  event.preventDefault();
  event.currentTarget.requestSubmit();
}

function leave(form) {
  const turn = form.closest(".turn");
  form.remove();
  turn.querySelector("[data-edits]").focus();
}

/** ↑ in an empty composer edits the last question. */
function editLast(event) {
  if (event.key !== "ArrowUp" || composer.value || event.altKey || event.isComposing || event.keyCode === 229) return;
  const last = [...document.querySelectorAll("[data-edits]")].at(-1);
  if (!last) return;
  event.preventDefault();
  last.click();
}
