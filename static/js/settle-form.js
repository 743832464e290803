/* What a credit settles: amounts add up, the oldest due first by one click, in cents so that nothing is rounded. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-guard]");
  const table = form?.querySelector("[data-credit]");
  if (!table) return;
  const cents = (text) => Math.round(Number.parseFloat(text || "0") * 100) || 0;
  const shown = (count) => (count / 100).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const fields = [...table.querySelectorAll("input[data-open]")];
  const credit = cents(table.dataset.credit);
  function add() {
    const settled = fields.reduce((sum, field) => sum + cents(field.value), 0);
    table.querySelector("[data-settled]").value = shown(settled);
    const left = table.querySelector("[data-left]");
    left.value = shown(credit - settled);
    left.classList.toggle("so-money--neg", settled > credit);
  }
  function set(value) {
    for (const field of fields) field.value = value(field);
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }
  form.addEventListener("input", add);
  form.querySelector("[data-none]").addEventListener("click", () => set(() => ""));
  form.querySelector("[data-oldest]").addEventListener("click", () => {
    let left = credit;
    set((field) => {
      const amount = Math.min(left, cents(field.dataset.open));
      left -= amount;
      return amount ? (amount / 100).toFixed(2) : "";
    });
  });
  add();
})();
