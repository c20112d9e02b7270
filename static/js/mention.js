// "@" in the composer offers the people of the conversation. What names nobody is text like any other.
import { field } from "./composer.js";
import { suggest } from "./suggest.js";

const list = document.querySelector("[data-people]");
// Not in the middle of an e-mail address.
const NAMING = /(?:^|[^\p{ASCII}]|[^\w.%+-])[@＠]([^@＠\n]{0,60})$/u;
// Where the sign stands whose name is being typed, where that ends, and where a sign stands that names nobody.
let sign;
let end;
let done;

export function start() {
  if (list) suggest({ list, wanted, find, choose, drop: () => { done = sign; } });
}

function wanted() {
  const before = field.value.slice(0, field.selectionStart);
  const begun = NAMING.exec(before)?.[1];
  sign = begun === undefined ? undefined : before.length - begun.length - 1;
  end = before.length;
  if (sign !== done || !begun) done = undefined;
  return sign === done ? undefined : begun;
}

async function find(begun) {
  const asked = sign;
  const response = await fetch(`${list.dataset.people}?${new URLSearchParams({ q: begun })}`, { headers: { "HX-Request": "true" } }).catch(() => undefined);
  if (!response?.ok || response.redirected) return [];
  const parsed = document.createElement("template");
  parsed.innerHTML = await response.text();
  const found = [...parsed.content.querySelectorAll("[role=option]")];
  if (!found.length) done = asked;
  return found;
}

function choose({ dataset }) {
  field.setRangeText(`@${dataset.name} `, done, end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
