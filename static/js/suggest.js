// What the text of the composer could go on with: a list under the eyes while the focus stays in the text.
import { field, form, isComposing } from "./composer.js";

/** Offer what `find` resolves to, options of a listbox, for what `wanted` reads from the field (undefined: nothing).
 * `choose` takes the option that somebody picks; `drop` learns that the list was sent away. */
export function suggest({ list, wanted, find, choose, drop }) {
  let at = 0;
  let text;
  let looking;
  const shown = () => [...list.children];

  function typed() {
    text = wanted();
    if (text === undefined) return close();
    const asked = find(text).then((found) => {
      if (looking !== asked) return;
      looking = undefined;
      show(found);
    });
    looking = asked;
    return undefined;
  }

  /** The caret went elsewhere: what is offered is for what it stands behind now. */
  function moved() {
    if ((looking || !list.hidden) && !isComposing() && wanted() !== text) typed();
  }

  function show(found) {
    if (!found.length) return hide();
    list.replaceChildren(...found);
    list.hidden = false;
    place();
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "true"]]) {
      field.setAttribute(name, value);
    }
    return mark(0);
  }

  /** On the side of the composer where there is more room. */
  function place() {
    const { top, bottom } = form.getBoundingClientRect();
    list.toggleAttribute("data-below", innerHeight - bottom > top);
  }

  function mark(index) {
    const all = shown();
    at = (index + all.length) % all.length;
    all.forEach((option, i) => option.setAttribute("aria-selected", i === at));
    field.setAttribute("aria-activedescendant", all[at].id);
    all[at].scrollIntoView({ block: "nearest" });
  }

  /** Without its list the field is a plain one. */
  function hide() {
    if (list.hidden) return;
    list.hidden = true;
    for (const name of ["role", "aria-autocomplete", "aria-controls", "aria-expanded", "aria-activedescendant"]) {
      field.removeAttribute(name);
    }
  }

  function close() {
    looking = undefined;
    hide();
  }

  function dismiss() {
    drop();
    close();
  }

  function pick(option) {
    if (!option) return;
    dismiss();
    choose(option);
  }

  function pressed(event) {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = looking ? later(event) : !list.hidden && now(event);
    if (!act) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    act();
  }

  function now({ key, shiftKey }) {
    const picks = () => pick(shown()[at]);
    return {
      ArrowDown: () => mark(at + 1),
      ArrowUp: () => mark(at - 1),
      Home: () => mark(0),
      End: () => mark(-1),
      Enter: !shiftKey && picks,
      Tab: !shiftKey && picks,
      Escape: dismiss,
    }[key];
  }

  /** The server is still being asked what there is for this text: Enter waits for the answer, which may be nothing;
   * Tab as well, where there was something for less of it. */
  function later(event) {
    const { key, shiftKey } = event;
    if (key === "Escape") return dismiss;
    const picks = !shiftKey && (key === "Enter" || (key === "Tab" && !list.hidden));
    if (!picks) return !list.hidden && now(event);
    const asked = looking;
    return async () => {
      await asked;
      if (!list.hidden) pick(shown()[at]);
      else if (key === "Enter") form.requestSubmit();
    };
  }

  field.addEventListener("input", ({ isComposing }) => isComposing || typed());
  field.addEventListener("compositionend", typed);
  field.addEventListener("blur", dismiss);
  document.addEventListener("selectionchange", moved);
  // Before the composer's own keys.
  field.addEventListener("keydown", pressed, { capture: true });
  addEventListener("resize", place);
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", ({ target }) => pick(target.closest("[role=option]")));
}
