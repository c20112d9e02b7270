// "/" in an empty composer offers the prompts. What matches no prompt is a message like any other.
import { field } from "./composer.js";
import { options } from "./prompts-options.js";
import { take } from "./prompts-chosen.js";
import { suggest } from "./suggest.js";

const list = document.querySelector("[data-slash]");
// Chinese input methods write the key as one of the other two.
const SLASH = /^[/／、]/;
const LONGEST = 60;
let armed = false;

export function start() {
  if (!list) return;
  suggest({ list, wanted, find: options, choose: (option) => take(option.dataset.chipUrl), drop: () => { armed = false; } });
}

function wanted() {
  const { value } = field;
  const slashed = SLASH.test(value) && value.length < LONGEST && !value.includes("\n");
  armed = slashed && (armed || value.length === 1);
  return armed ? value.slice(1) : undefined;
}
