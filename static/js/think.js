// The disclosure with the thinking: open while it runs, folded when done unless the reader opened it.
export function start() {
  document.addEventListener("click", (event) => {
    const think = event.target.closest(".think > summary")?.parentElement;
    // The click comes before the toggle.
    if (think) think.toggleAttribute("data-held", !think.open);
  });
}

export function startThinking(think) {
  if (!think.hidden && think.dataset.thinking !== undefined) return;
  think.hidden = false;
  think.dataset.thinking = 0;
  think.open = true;
}

export function stopThinking(think, label) {
  delete think.dataset.thinking;
  think.querySelector("[data-label]").textContent = label;
  think.open = think.dataset.held !== undefined;
}

/** The reader's choice outlives a new article. */
export function carryOver(from, to) {
  const [old, fresh] = [from, to].map((article) => article.querySelector(".think"));
  if (!old || !fresh || old.dataset.held === undefined) return;
  fresh.open = true;
  fresh.dataset.held = "";
}
