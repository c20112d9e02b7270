// In templates/403_csrf.html.
const TOO_OLD = "data-too-old";

let overtaking = false;

/** A request that a newer one has overtaken did not fail: nobody hears of its end. */
export function start() {
  addEventListener("htmx:abort", () => { overtaking = true; }, { capture: true });
  addEventListener("htmx:abort", () => { overtaking = false; });
  addEventListener("htmx:afterRequest", (event) => overtaking && event.stopImmediatePropagation(), { capture: true });
}

/** How a request of htmx ended: "done", "refused" (the server says why), "stale" (the form's token is of an earlier
 * session), "offline" or "failed". */
export function outcome({ xhr }) {
  if (!xhr.status) return "offline";
  if (xhr.status < 300) return "done";
  // Whole pages are for windows, not for a line above the message.
  if (!/^\s*(<!doctype|$)/i.test(xhr.responseText)) return "refused";
  return xhr.status === 403 && xhr.responseText.includes(TOO_OLD) ? "stale" : "failed";
}
