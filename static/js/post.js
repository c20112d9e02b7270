/** Post these fields; resolves with whether the server has taken them. */
export async function post(address, fields = {}) {
  const headers = { "X-CSRFToken": document.querySelector('[name="csrfmiddlewaretoken"]').value, "HX-Request": "true" };
  try {
    return (await fetch(address, { method: "POST", headers, body: new URLSearchParams(fields) })).ok;
  } catch {
    return false;
  }
}
