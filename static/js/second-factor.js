/* Copies the text of an element: a secret, or the list of recovery codes a line each. */
(() => {
  "use strict";
  function textOf(element) {
    const lines = [...element.querySelectorAll("li")].map((line) => line.textContent.trim());
    return lines.length ? lines.join("\n") : element.textContent.trim();
  }
  window.so.on("click", "[data-copy]", async (_event, button) => {
    const source = document.querySelector(button.dataset.copy);
    const label = button.querySelector("span");
    try {
      await navigator.clipboard.writeText(textOf(source));
      label.textContent = button.dataset.copied;
    } catch {
      window.getSelection()?.selectAllChildren(source); /* without TLS there is no clipboard: at least it is selected */
    }
  });
})();
