// Without a script there is no print button; browsers print by themselves.
for (const button of document.querySelectorAll(".print-page")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
