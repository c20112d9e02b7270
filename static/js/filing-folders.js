// Which folders stand open: kept by the browser, where the server finds it for the next page.
import { refresh } from "./sidebar.js";

const YEAR = 365 * 24 * 3600;
// Folders of everybody who uses this browser.
const MOST = 60;
const past = document.getElementById("past");

export function start() {
  // Not "toggle": that comes also when the server sends a folder that is open.
  past?.addEventListener("click", ({ target }) => {
    const folder = target.closest(".folder > summary")?.parentElement;
    if (folder) toggled(folder, !folder.open);
  });
}

function toggled(folder, opens) {
  const id = folder.id.slice("f-".length);
  const others = kept().filter((one) => one !== id);
  const open = opens ? [...others, id] : others;
  document.cookie = `folders=${open.slice(-MOST).join(".")}; path=/; max-age=${YEAR}; samesite=lax`;
  if (opens && !folder.querySelector("ul")) refresh();
}

function kept() {
  const cookie = document.cookie.split("; ").find((one) => one.startsWith("folders="));
  return cookie ? cookie.slice("folders=".length).split(".").filter(Boolean) : [];
}
