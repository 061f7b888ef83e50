/* A page works without this; with it all code opens at once and the contents fold away on a phone. */
(() => {
  "use strict";

  function codeToggle() {
    const button = document.getElementById("code-toggle");
    const cells = [...document.querySelectorAll("details.code")];
    if (!button || !cells.length) return;
    const label = () => { button.textContent = cells.every((cell) => cell.open) ? "Hide all code" : "Show all code"; };
    button.hidden = false;
    button.addEventListener("click", () => {
      const open = !cells.every((cell) => cell.open);
      cells.forEach((cell) => { cell.open = open; });
      label();
    });
    cells.forEach((cell) => cell.addEventListener("toggle", label));
  }

  function foldContents() {
    const contents = document.querySelector(".contents details");
    if (!contents) return;
    const wide = window.matchMedia("(min-width: 64rem)");
    const fit = () => { contents.open = wide.matches; };
    wide.addEventListener("change", fit);
    fit();
    contents.addEventListener("click", (event) => {
      if (event.target.closest("a") && !wide.matches) contents.open = false;
    });
  }

  codeToggle();
  foldContents();
})();
