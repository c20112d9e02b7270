// How many turns the chat of this page has, in words.
const place = document.querySelector("[data-turns]");

export function tellTurns(count) {
  if (place) place.textContent = count === 1 ? "1 turn" : `${count} turns`;
}
