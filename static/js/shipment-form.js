/* The shipment form: pieces add up, all that is ready by one click, Enter goes to the next line. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-guard]");
  const fields = () => [...form.querySelectorAll("input[data-ready]")];
  if (!form || !fields().length) return;
  const total = form.querySelector("[data-pieces]");
  const button = form.querySelector("[data-pieces-too]");
  function add() {
    const pieces = fields().reduce((sum, field) => sum + (Number.parseInt(field.value, 10) || 0), 0).toLocaleString("en");
    total.value = pieces;
    button.textContent = pieces;
  }
  function set(value) {
    for (const field of fields()) field.value = value(field);
    form.dispatchEvent(new Event("input", { bubbles: true }));
    add();
  }
  form.addEventListener("input", add);
  form.querySelector("[data-all-ready]").addEventListener("click", () => set((field) => field.dataset.ready));
  form.querySelector("[data-none]").addEventListener("click", () => set(() => "0"));
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || !event.target.matches("tbody input")) return;
    event.preventDefault();
    const all = [...form.querySelectorAll("tbody input")].filter((field) => field.name.split("_")[0] === event.target.name.split("_")[0]);
    const next = all[all.indexOf(event.target) + 1] ?? form.querySelector("[name=shipped_on]");
    next.focus();
    next.select?.();
  });
  add();
})();
