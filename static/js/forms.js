/* Forms: selects that search, a warning before leaving, errors in view, rows that can be added. */
(() => {
  "use strict";
  const { on, words } = window.so;

  /* ---- selects that search: data-remote asks the server, data-searchable narrows what is there ---- */
  function line(data, escape) {
    const sub = data.sub ? `<span class="so-sub">${escape(data.sub)}</span>` : "";
    return `<div><span class="so-opt">${escape(data.text)}</span>${sub}</div>`;
  }
  function dress(select) {
    if (select.tomselect || select.closest("template")) return;
    const remote = select.dataset.remote;
    const common = {
      plugins: select.multiple ? ["remove_button"] : [], maxOptions: 200, openOnFocus: true, selectOnTab: true,
      placeholder: select.dataset.placeholder ?? "",
      render: {
        option: line,
        item: (data, escape) => `<div>${escape(data.text)}</div>`,
        no_results: () => { const none = document.createElement("div"); none.className = "no-results"; none.textContent = words.none; return none; },
        loading: () => { const wait = document.createElement("div"); wait.className = "no-results"; wait.textContent = words.loading; return wait; },
      },
      onChange: () => { select.dispatchEvent(new Event("input", { bubbles: true })); },
    };
    /* The box that is typed into takes the label; what stands behind it keeps the name. */
    const name = select.labels[0]?.textContent.trim();
    if (name && !select.hasAttribute("aria-label")) select.setAttribute("aria-label", name);
    if (!remote) { new TomSelect(select, common); return; }
    let shownFor = null;   // the text whose results are shown
    let chosenFor = null;  // the text for which Enter was pressed before its results came
    const picker = new TomSelect(select, {
      ...common, valueField: "value", labelField: "text", searchField: [], preload: "focus", loadThrottle: 200,
      shouldLoad: () => true,
      load(text, done) {
        const url = new URL(remote, location.href);
        url.searchParams.set("q", text);
        for (const name of (select.dataset.with ?? "").split(" ").filter(Boolean)) {
          const other = select.form?.elements[name];
          if (other?.value) url.searchParams.set(name, other.value);
        }
        fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" })
          .then((answer) => answer.json()).then(({ results }) => {
            if (this.inputValue() && text !== this.inputValue()) { done(); return; }  // an answer that came too late
            this.clearOptions((option) => this.items.includes(String(option.value)));
            done(results);
            shownFor = text;
            if (chosenFor === text && results.length) { this.addItem(String(results[0].value)); this.close(); }
            chosenFor = null;
          }).catch(() => done());
      },
    });
    /* Who types fast and presses Enter means the first of what is still being looked for, never what stood there before. */
    const press = picker.onKeyDown;
    picker.onKeyDown = function (event) {
      const text = this.inputValue();
      if ((event.key === "Enter" || event.key === "Tab") && text && text !== shownFor) {
        chosenFor = text;
        if (event.key === "Enter") { event.preventDefault(); event.stopPropagation(); }
        return undefined;
      }
      return press.call(this, event);
    };
  }
  function dressAll(within) {
    for (const select of within.querySelectorAll("select[data-remote], select[data-searchable]")) dress(select);
  }
  dressAll(document);
  document.addEventListener("htmx:afterSettle", (event) => dressAll(event.detail.elt.parentElement ?? document));

  /* ---- leaving with unsaved changes warns ---- */
  const guarded = () => [...document.querySelectorAll("form[data-guard]")];
  const state = (form) => new URLSearchParams([...new FormData(form)].map(([key, value]) => [key, value instanceof File ? value.name : value])).toString();
  const before = new WeakMap();
  function remember(form) { if (!before.has(form)) before.set(form, form.querySelector(".so-wrong") ? "" : state(form)); }
  const changed = (form) => before.has(form) && !form.classList.contains("is-sent") && state(form) !== before.get(form);
  addEventListener("load", () => guarded().forEach(remember));
  document.addEventListener("htmx:load", () => guarded().forEach(remember));
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-guard]");
    const mark = form?.querySelector("[data-unsaved]");
    if (mark) mark.hidden = !changed(form);
  });
  addEventListener("beforeunload", (event) => { if (guarded().some(changed)) { event.preventDefault(); event.returnValue = words.unsaved; } });

  /* ---- what is wrong comes into view; its lines lead to the fields ---- */
  document.querySelector("[data-focus]")?.focus({ preventScroll: false });
  on("click", ".so-wrong a[href^='#']", (event, link) => {
    const control = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!control) return;
    event.preventDefault();
    const shown = control.tomselect ? control.tomselect.control_input : control;
    (shown.matches("input, select, textarea") ? shown : shown.querySelector("input") ?? shown).focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.closest?.("form[data-guard]")?.requestSubmit();
  });

  /* ---- rows of a form set: a template, a count, add and take away ----
     <div data-formset="lines"> … [data-rows] … <template data-row> with __prefix__ … [data-row-add] … [data-row-remove] */
  function addRow(set) {
    const total = set.querySelector(`[name="${set.dataset.formset}-TOTAL_FORMS"]`);
    const html = set.querySelector("template[data-row]").innerHTML.replaceAll("__prefix__", total.value);
    const holder = document.createElement("template");
    holder.innerHTML = html.trim();
    const row = holder.content.firstElementChild;
    total.value = String(Number(total.value) + 1);
    set.querySelector("[data-rows]").append(row);
    dressAll(row);
    set.dispatchEvent(new CustomEvent("so:rows", { bubbles: true, detail: { row } }));
    const first = row.querySelector("select, input:not([type=hidden])");
    (first?.tomselect ?? first)?.focus();
    return row;
  }
  on("click", "[data-row-add]", (_event, button) => addRow(button.closest("[data-formset]")));
  on("click", "[data-row-remove]", (_event, button) => {
    const set = button.closest("[data-formset]");
    const row = button.closest("[data-one-row]");
    const gone = row.querySelector('input[name$="-DELETE"]');
    if (gone) { gone.checked = true; if (gone.type === "hidden") gone.value = "on"; }
    row.hidden = true;
    row.dataset.removed = "";
    const last = [...set.querySelectorAll("[data-one-row]:not([hidden])")];
    set.dispatchEvent(new CustomEvent("so:rows", { bubbles: true, detail: { row } }));
    row.dispatchEvent(new Event("input", { bubbles: true }));
    (last.at(-1)?.querySelector("input, select") ?? set.querySelector("[data-row-add]"))?.focus();
  });

  Object.assign(window.so, { addRow, dressSelects: dressAll });
})();
