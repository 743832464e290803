/* Lists: ticking rows, keys, filters on a phone, tables wider than their panel. */
(() => {
  "use strict";
  const { on, typing, words } = window.so;

  /* ---- filters: no empty keys in the address ---- */
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get") return;
    const given = event.detail.parameters;
    for (const [key, value] of Object.entries(given)) if (value === "" || value == null) delete given[key];
  });
  on("click", "[data-filters-toggle]", (_event, button) => {
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    button.closest("form").classList.toggle("is-open", open);
  });
  on("click", "[data-rest-toggle]", (_event, button) => {
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    document.getElementById(button.getAttribute("aria-controls")).toggleAttribute("data-shut", !open);
  });
  function light(form) {
    for (const holder of form.querySelectorAll(".so-filter")) {
      const set = [...holder.querySelectorAll("select, input:not([type=radio])")].some((control) => (control.type === "checkbox" ? control.checked : control.value !== ""));
      holder.classList.toggle("is-on", set);
    }
  }
  on("change", "[data-filters]", (_event, form) => light(form));
  for (const form of document.querySelectorAll("[data-filters]")) light(form);

  /* The order that a header chose is kept by the filters. */
  document.addEventListener("htmx:afterSwap", (event) => {
    const form = document.querySelector("[data-filters]");
    if (!form || event.detail.target.id !== "list") return;
    for (const kept of form.querySelectorAll("[data-sort]")) kept.remove();
    for (const sort of new URLSearchParams(location.search).getAll("sort")) {
      const kept = document.createElement("input");
      Object.assign(kept, { type: "hidden", name: "sort", value: sort });
      kept.dataset.sort = "";
      form.prepend(kept);
    }
  });

  /* ---- ticking ---- */
  const boxes = () => [...document.querySelectorAll('[data-listing] input[name="selected"]')];
  let last = null;
  function tell() {
    const bulk = document.getElementById("bulk");
    if (!bulk) return;
    const all = boxes();
    const chosen = all.filter((box) => box.checked);
    for (const box of all) box.closest("tr").classList.toggle("is-picked", box.checked);
    bulk.closest("[data-list-page]")?.classList.toggle("is-selecting", chosen.length > 0);
    bulk.querySelector("[data-bulk-n]").textContent = `${chosen.length} ${words.selected}`;
    const head = document.querySelector("[data-pick-all]");
    if (head) {
      head.checked = chosen.length > 0 && chosen.length === all.length;
      head.indeterminate = chosen.length > 0 && chosen.length < all.length;
    }
  }
  on("change", "[data-pick-all]", (_event, head) => { for (const box of boxes()) box.checked = head.checked; tell(); });
  on("click", 'input[name="selected"]', (event, box) => {
    const all = boxes();
    if (event.shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      for (const one of all.slice(from, to + 1)) one.checked = box.checked;
    }
    last = box;
    tell();
  });
  on("click", "[data-bulk-clear]", () => { for (const box of boxes()) box.checked = false; tell(); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.querySelector(".is-selecting #bulk") && !event.target.closest("dialog")) { for (const box of boxes()) box.checked = false; tell(); }
  });

  /* ---- keys: j and k go from row to row, Enter opens, x ticks ---- */
  document.addEventListener("keydown", (event) => {
    const onBox = event.target.matches?.('[data-listing] input[type="checkbox"]') && !(event.ctrlKey || event.metaKey || event.altKey);
    const rows = [...document.querySelectorAll("[data-listing] tbody tr")];
    if ((typing(event) && !onBox) || !rows.length) return;
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const go = (row) => {
      (row.querySelector("a.so-rowlink") ?? row.querySelector("a, input"))?.focus({ preventScroll: true });
      row.scrollIntoView({ block: "nearest" });
    };
    const keys = { j: () => go(rows[Math.min(at + 1, rows.length - 1)]), k: () => go(rows[Math.max(at - 1, 0)]), x: () => rows[at]?.querySelector('input[name="selected"]')?.click() };
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  /* ---- a table wider than its panel scrolls inside it, and keeps its head ---- */
  const fits = new ResizeObserver((entries) => { for (const { target } of entries) target.classList.toggle("is-wide", target.scrollWidth > target.clientWidth + 1); });
  const watch = () => { for (const box of document.querySelectorAll("[data-scroll]")) fits.observe(box); };
  watch();
  document.addEventListener("htmx:afterSettle", () => { fits.disconnect(); watch(); tell(); });
  tell();
})();
