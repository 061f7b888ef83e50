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

  /* A run that was killed cannot say so: what it last wrote is then told with its time. */
  function tellAge() {
    const now = document.querySelector(".now[data-at]");
    if (!now || Date.now() - Date.parse(now.dataset.at) < 60000) return;
    const heading = now.querySelector("strong");
    heading.textContent = `A run was at work here, and has not reported since ${new Date(now.dataset.at).toLocaleString()}.`;
  }

  tellAge();
  codeToggle();
  foldContents();
})();
