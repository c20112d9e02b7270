// "As people see it" follows what is typed into the form of an alias.
document.addEventListener("input", ({ target }) => {
  const shown = target.form?.matches("[data-preview-of]") && document.querySelector(`[data-shown="${target.name}"]`);
  if (!shown) return;
  if (target.name === "hue") shown.className = `hue ${target.value}`;
  else shown.textContent = target.value;
});
