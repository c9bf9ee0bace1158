// Fills in what is known of the drive that a person chooses.
"use strict";
document.addEventListener("change", (e) => {
  const select = e.target;
  if (!(select instanceof HTMLSelectElement) || select.dataset.fills === undefined) return;
  const chosen = select.selectedOptions[0];
  for (const name of ["serial", "model", "reason"]) {
    const input = select.form.elements[name];
    if (input) input.value = chosen.dataset[name] || "";
  }
});
