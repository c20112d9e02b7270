/** How a request of htmx ended: "done", "refused" (the server says why), "stale" (the form's token is of an earlier
 * session), "offline" or "failed". */
export function outcome({ xhr }) {
  if (!xhr.status) return "offline";
  if (xhr.status < 300) return "done";
  if (xhr.status === 403) return "stale";
  // Whole pages are for windows, not for a line above the message.
  return /^\s*(<!doctype|$)/i.test(xhr.responseText) ? "failed" : "refused";
}
