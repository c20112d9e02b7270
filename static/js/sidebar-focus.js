// Focus in the list of conversations: it stays with its line, whatever is put in the line's place.
const past = document.getElementById("past");

/** The conversation's own link in its line. */
export const linkOf = (line) => line?.querySelector("a:not([data-file]), summary");

/** Remember which line has the focus; the result gives it back: to that line, else to the next, else to the last. */
export function keepFocus(focused = document.activeElement) {
  if (!past?.contains(focused) || focused === past) return () => {};
  const lines = [...past.querySelectorAll("li[id], details[id]")].filter((line) => linkOf(line).checkVisibility());
  const at = lines.findIndex((line) => line === focused.closest("li[id], details[id]"));
  const wanted = at < 0 ? [] : [...lines.slice(at), ...lines.slice(0, at).reverse()].map(({ id }) => id);
  const before = lines.at(-1)?.id;
  const menu = focused.matches("[data-file]");
  return () => {
    const now = document.activeElement;
    // What is in a menu that has just closed counts as focused for a moment more.
    if (focused.isConnected || (now !== document.body && now !== focused && now.checkVisibility())) return;
    const line = wanted.map((id) => document.getElementById(id)).find(Boolean) ?? after(before);
    ((menu && line?.querySelector("[data-file]")) || linkOf(line) || past).focus({ preventScroll: Boolean(wanted.length) });
  };
}

/** The first of the lines that came at the end. */
function after(id) {
  const lines = [...past.querySelectorAll("li[id], details[id]")];
  return lines[lines.findIndex((line) => line.id === id) + 1];
}
