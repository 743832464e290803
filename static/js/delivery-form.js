/* The application form: totals follow what is typed, Enter adds a line, an address is one click. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-guard]");
  const set = form?.querySelector('[data-formset="lines"]');
  if (!set) return;
  const { addRow } = window.so;
  const rows = () => [...set.querySelectorAll("[data-one-row]:not([hidden])")];
  const quantity = (row) => row.querySelector('input[name$="-quantity"]');
  const product = (row) => row.querySelector('select[name$="-product"]');

  /* ---- what costs changes: ask the server, which answers with prices, totals and credit ---- */
  const ask = () => form.dispatchEvent(new CustomEvent("so:price", { bubbles: true }));
  form.addEventListener("input", (event) => {
    if (event.target.matches("[data-price], [name=customer], [name=warehouse]")) ask();
  });
  form.addEventListener("change", (event) => { if (event.target.matches("[name=customer], [name=warehouse]")) ask(); });
  set.addEventListener("so:rows", ask);

  /* ---- a product chosen leads to its quantity; a line without a product shows no price ---- */
  set.addEventListener("input", (event) => {
    const row = event.target.closest("[data-one-row]");
    if (!row || event.target !== product(row)) return;
    if (!event.target.value) {
      for (const shown of row.querySelectorAll('[id$="-stock"], [id$="-price"], [id$="-amount"]')) shown.replaceChildren();
      return;
    }
    const next = quantity(row);
    requestAnimationFrame(() => { next.focus(); next.select(); });
  });

  /* ---- Enter: the next line, a new one after the last ---- */
  set.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.defaultPrevented || event.ctrlKey || event.metaKey) return;
    const row = event.target.closest("[data-one-row]");
    if (!row || event.target.closest("button")) return;
    if (event.target.closest(".ts-wrapper.dropdown-active")) return;
    event.preventDefault();
    const all = rows();
    const following = all[all.indexOf(row) + 1];
    if (following) (product(following).tomselect ?? product(following)).focus();
    else addRow(set);
  });

  /* ---- a customer newly chosen brings the warehouse that it is usually served from ---- */
  const warehouse = form.querySelector("select[name=warehouse]");
  let served = form.querySelector("[name=customer]")?.value ?? "";
  function takeUsualWarehouse() {
    const chosen = form.querySelector("[name=customer]")?.value ?? "";
    const usual = document.getElementById("addresses")?.dataset.warehouse;
    if (!usual || chosen === served) return;
    served = chosen;
    if (warehouse.value === usual) return;
    warehouse.value = usual;
    ask();
  }

  /* ---- the address: one click, and the usual one where nothing was typed ---- */
  const address = form.querySelector("[data-address-field]");
  let offered = address?.value ?? "";
  form.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-address]");
    if (!chip || !address) return;
    address.value = chip.dataset.address;
    offered = address.value;
    address.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    if (event.detail.target?.id !== "addresses" || !address) return;
    takeUsualWarehouse();
    if (address.value && address.value !== offered) return;
    const usual = document.querySelector("#addresses [data-default]");
    address.value = usual?.dataset.address ?? "";
    offered = address.value;
  });

  /* Without a customer begin there, else at the first empty line; after a refusal at what is wrong. */
  const customer = form.querySelector("select[name=customer]");
  addEventListener("load", () => {
    if (form.querySelector(".so-wrong")) {
      rows().find((row) => row.classList.contains("is-wrong"))?.scrollIntoView({ block: "center" });
      return;
    }
    if (matchMedia("(hover: none)").matches) return;
    const first = customer && !customer.value ? customer : rows().map(product).find((select) => !select.value);
    (first?.tomselect ?? first)?.focus();
  });
})();
