import { outcome } from "./outcome.js";

/** Post these fields, also where the page goes meanwhile; resolves with how that ended and what the server says. */
export async function post(address, fields = {}) {
  const headers = { "X-CSRFToken": document.querySelector('[name="csrfmiddlewaretoken"]').value, "HX-Request": "true" };
  const body = new URLSearchParams(fields);
  try {
    const response = await fetch(address, { method: "POST", headers, body, keepalive: true });
    const html = await response.text();
    return { how: outcome({ xhr: { status: response.status, responseText: html } }), html };
  } catch {
    return { how: "offline", html: "" };
  }
}
