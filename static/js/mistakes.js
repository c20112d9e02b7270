// A form that came back with mistakes: the first of them has the focus.
export function start() {
  document.querySelector('.main [aria-invalid="true"]')?.focus();
}
