import { unfold } from "./fold.js";

/** Make `present` into `fresh`, all but the text, which stays in the document: with its selection, its maths and its
 * scroll. The text must be the final one already. */
export function graft(present, fresh) {
  const prose = present.querySelector(":scope > .body > .prose");
  const copy = fresh.querySelector(":scope > .body > .prose");
  prose.querySelector(":scope > .tail")?.remove();
  unfold(prose);
  for (const other of [...prose.parentElement.childNodes]) if (other !== prose) other.remove();
  while (copy.parentElement.firstChild !== copy) prose.before(copy.parentElement.firstChild);
  while (copy.nextSibling) prose.parentElement.append(copy.nextSibling);
  for (const name of present.getAttributeNames()) if (!fresh.hasAttribute(name)) present.removeAttribute(name);
  for (const { name, value } of fresh.attributes) present.setAttribute(name, value);
}
