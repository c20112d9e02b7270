// The search over any page: its key opens it, the key again or Esc gives the focus back.
const dialog = document.getElementById("finder");

export function start() {
  // For browsers without `closedby`.
  dialog?.addEventListener("click", ({ target }) => {
    // A passage of the page itself only scrolls it.
    if (target === dialog || target.closest("[data-hit]:not([data-older-hits])")) dialog.close();
  });
  // Esc would only empty the field.
  dialog?.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing || dialog.querySelector(":popover-open")) return;
    event.preventDefault();
    dialog.close();
  });
}

export function openSearch() {
  const onPage = document.querySelector(".main [data-search-field]");
  if (onPage) return onPage.select();
  if (!dialog) return location.assign("/search/");
  if (dialog.open) return dialog.close();
  if (document.querySelector("dialog[open]")) return undefined;
  dialog.showModal();
  const field = dialog.querySelector("[data-search-field]");
  field.select();
  // What was found some time ago may be gone.
  if (field.value) field.form.requestSubmit();
  const filters = dialog.querySelector("[data-search-filters]");
  if (!filters.childElementCount) htmx.ajax("GET", "/search/?filters", { target: filters, swap: "innerHTML" });
  return undefined;
}
