// One image in the composer: made from the page's templates, or by the server.

/** A chip of the page's own: "coming" or "bad". */
export function fresh(kind, name) {
  const chip = document.querySelector(`[data-chip-of="${kind}"]`).content.firstElementChild.cloneNode(true);
  chip.dataset.name = name;
  const shown = chip.querySelector("[data-name-shown]");
  shown.textContent = shown.title = name;
  chip.querySelector("[data-remove]").setAttribute("aria-label", `${kind === "bad" ? "Remove" : "Cancel"} ${name}`);
  chip.querySelector("progress")?.setAttribute("aria-label", `Upload of ${name}`);
  return chip;
}

/** How much of it has gone, 0 to 1; then the server has to look at it. */
export function showProgress(chip, share, last) {
  const bar = chip.querySelector("progress");
  chip.querySelector("[data-state]").textContent = share < 1 ? `Uploading, ${Math.floor(share * 100)}%` : last;
  if (share < 1) bar.value = share * 100;
  else bar.removeAttribute("value");
}

/** Why there is no image; `again` offers another try. */
export function showReason(chip, sentence, again) {
  chip.querySelector("[data-sentence]").textContent = sentence;
  const button = chip.querySelector("[data-again]");
  button.hidden = !again;
  button.setAttribute("aria-label", `Try ${chip.dataset.name} again`);
}

/** In the place of another chip; the focus stays there. */
export function put(chip, other) {
  const focused = other.contains(document.activeElement);
  other.replaceWith(chip);
  if (focused) chip.querySelector("[data-remove]").focus();
}

/** The picture itself while it is on its way, where this browser can show it. */
export function preview(chip, file) {
  if (!file?.type.startsWith("image/")) return;
  const img = Object.assign(new Image(), { alt: "", src: URL.createObjectURL(file) });
  const over = () => URL.revokeObjectURL(img.src);
  img.decode().then(() => chip.querySelector(".ph")?.replaceWith(img)).catch(() => {}).finally(over);
}

export function parse(html) {
  const parsed = document.createElement("template");
  parsed.innerHTML = html;
  return parsed.content;
}
