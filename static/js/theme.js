// Light or dark, and the folded sidebar: shown at once, kept by the server or a cookie.
const YEAR = 365 * 24 * 3600;
const root = document.documentElement;

export function start() {
  document.addEventListener("submit", ({ target }) => target.matches("[data-theme-form]") && switchTheme(target), {
    capture: true,
  });
  document.addEventListener("click", ({ target }) => target.closest("[data-fold]") && fold());
}

function switchTheme(form) {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = form.elements.theme.value = dark ? "light" : "dark";
}

function fold() {
  if (!matchMedia("(width >= 56rem)").matches) return;
  const folded = document.body.toggleAttribute("data-folded");
  document.cookie = `folded=${folded ? "1" : ""}; path=/; max-age=${folded ? YEAR : 0}; samesite=lax`;
}
