// What a member typed and the server does not have yet: in this browser, under the member's id, for a month. It ends
// with signing out; a session that has run out leaves it alone.
const LONGEST = 30 * 24 * 3_600_000;
// Of everybody who uses this browser: less than half of what it has room for.
const MOST_CHARACTERS = 2_000_000;
const SIGNING_OUT = "signing-out";

const { member } = document.body.dataset;
const own = (key) => `draft:${member}:${key}`;

export function start() {
  ifPossible(() => {
    leaveTidy();
    signedOut();
  });
  document.addEventListener("submit", ({ target }) => {
    if (target.matches("[data-sign-out]")) ifPossible(() => localStorage.setItem(SIGNING_OUT, member));
  });
}

export const load = (key) => ifPossible(() => JSON.parse(localStorage.getItem(own(key)))?.value);

/** Keep this value in the place of the one before; without a value there is nothing to keep. */
export function save(key, value) {
  ifPossible(() => {
    if (value) localStorage.setItem(own(key), JSON.stringify({ at: Date.now(), value }));
    else localStorage.removeItem(own(key));
  });
}

/** The newest stay, as far as there is room. */
function leaveTidy() {
  let characters = 0;
  const written = (key) => ifPossible(() => JSON.parse(localStorage.getItem(key)).at) ?? 0;
  const drafts = keys("draft:").map((key) => ({ key, at: written(key) }));
  for (const { key, at } of drafts.sort((one, other) => other.at - one.at)) {
    characters += localStorage.getItem(key).length;
    if (Date.now() - at > LONGEST || characters > MOST_CHARACTERS) localStorage.removeItem(key);
  }
}

/** The page that comes after signing out is nobody's; where it is still the member's, that has not worked. */
function signedOut() {
  const left = localStorage.getItem(SIGNING_OUT);
  localStorage.removeItem(SIGNING_OUT);
  if (left && !member) for (const key of keys(`draft:${left}:`)) localStorage.removeItem(key);
}

const keys = (start) => Object.keys(localStorage).filter((key) => key.startsWith(start));

function ifPossible(act) {
  try {
    return act();
  } catch {
    // No room, or storage is switched off: what is typed is still in its field.
    return undefined;
  }
}
