/* What every page has: theme, menu, drop-downs, search, dialogs, toasts, questions before a post.
   Everything is delegated from the document, so that parts that htmx brings work like the rest. */
(() => {
  "use strict";
  const root = document.documentElement;
  const words = document.querySelector("[data-words]")?.dataset ?? {};
  const on = (type, selector, act) => document.addEventListener(type, (event) => {
    const found = event.target.closest?.(selector);
    if (found) act(event, found);
  });

  function typing(event) {
    return event.ctrlKey || event.metaKey || event.altKey || Boolean(event.target.closest?.("input, textarea, select, dialog[open], [contenteditable]"));
  }

  /* ---- theme ---- */
  on("click", "[data-theme-toggle]", () => {
    const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
    root.dataset.bsTheme = next;
    try { localStorage.setItem("so-theme", next); } catch { /* the choice lasts for this page only */ }
    document.dispatchEvent(new CustomEvent("so:theme"));
  });

  /* ---- menu on a phone ---- */
  const side = document.getElementById("side");
  function showMenu(open) {
    if (!side || side.classList.contains("is-out") === open) return;
    side.classList.toggle("is-out", open);
    for (const button of document.querySelectorAll("[data-menu]")) button.setAttribute("aria-expanded", String(open));
    if (open) side.querySelector("a")?.focus();
  }
  on("click", "[data-menu]", (event) => { event.stopPropagation(); showMenu(!side.classList.contains("is-out")); });
  document.addEventListener("click", (event) => {
    if (side?.classList.contains("is-out") && !event.target.closest("#side, [data-menu]")) showMenu(false);
  });

  /* ---- drop-downs: a button with data-drop opens what it controls ---- */
  const panelOf = (button) => document.getElementById(button.getAttribute("aria-controls"));
  function drop(button, open) {
    const panel = panelOf(button);
    if (!panel || panel.hidden === !open) return;
    panel.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) button.dispatchEvent(new CustomEvent("so:open", { bubbles: true }));
  }
  function closeDrops(except) {
    for (const button of document.querySelectorAll('[data-drop][aria-expanded="true"]')) if (button !== except) drop(button, false);
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-drop]");
    if (button) {
      closeDrops(button);
      drop(button, button.getAttribute("aria-expanded") !== "true");
    } else if (!event.target.closest(".so-pop")) closeDrops();
  });
  on("keydown", ".so-drop", (event, holder) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const button = holder.querySelector("[data-drop]");
    const lines = [...panelOf(button).querySelectorAll("a, button:not([disabled])")];
    if (!lines.length) return;
    event.preventDefault();
    drop(button, true);
    const at = lines.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    lines[(at + lines.length) % lines.length].focus();
  });

  /* ---- search: "/" focuses, arrows walk, Enter opens ---- */
  const find = document.getElementById("find");
  const found = document.getElementById("found");
  const hits = () => [...found.querySelectorAll('[role="option"]')];
  function showFound(open) {
    if (!found) return;
    const full = open && found.childElementCount > 0;
    found.hidden = !full;
    find.setAttribute("aria-expanded", String(full));
    if (!full) find.removeAttribute("aria-activedescendant");
  }
  function openFind(open) {
    document.body.classList.toggle("is-finding", open);
    if (open) { find.focus(); find.select(); } else { showFound(false); find?.blur(); }
  }
  function walk(by) {
    const all = hits();
    if (!all.length) return;
    const at = all.findIndex((hit) => hit.getAttribute("aria-selected") === "true");
    const next = all[(at + by + all.length) % all.length];
    for (const hit of all) hit.setAttribute("aria-selected", String(hit === next));
    find.setAttribute("aria-activedescendant", next.id);
    next.scrollIntoView({ block: "nearest" });
  }
  if (find) {
    find.addEventListener("focus", () => { if (find.value.trim().length > 1) showFound(true); });
    find.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") { event.preventDefault(); showFound(true); walk(1); }
      else if (event.key === "ArrowUp") { event.preventDefault(); walk(-1); }
      else if (event.key === "Enter") {
        const chosen = hits().find((hit) => hit.getAttribute("aria-selected") === "true") ?? (found.hidden ? null : hits()[0]);
        if (chosen) { event.preventDefault(); chosen.click(); }
      }
    });
    found.addEventListener("htmx:afterSwap", () => showFound(true));
    document.addEventListener("click", (event) => { if (!event.target.closest("[data-find], [data-find-open]")) { showFound(false); document.body.classList.remove("is-finding"); } });
    on("click", "[data-find-open]", () => openFind(true));
    on("click", "[data-find-close]", () => openFind(false));
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && find && !typing(event)) { event.preventDefault(); openFind(true); }
    if (event.key === "Escape") {
      const open = document.querySelector('[data-drop][aria-expanded="true"]');
      closeDrops();
      open?.focus();
      showMenu(false);
      if (document.activeElement === find || document.body.classList.contains("is-finding")) openFind(false);
    }
  });

  /* ---- segmented controls that change nothing on the server ---- */
  on("click", "[data-seg] button", (_event, pressed) => {
    for (const button of pressed.closest("[data-seg]").querySelectorAll("button")) button.setAttribute("aria-pressed", String(button === pressed));
  });

  /* ---- dialogs ---- */
  on("click", "[data-open]", (_event, button) => document.querySelector(button.dataset.open)?.showModal());
  on("click", "dialog [data-close]", (_event, button) => button.closest("dialog").close());
  document.addEventListener("click", (event) => { if (event.target.matches?.("dialog.so-dialog")) event.target.close(); });
  const over = document.getElementById("over-dialog");
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "over") return;
    if (over.open) over.querySelector("[data-focus], [autofocus]")?.focus();
    else over.showModal();
  });
  document.addEventListener("so:done", () => over.close());

  /* ---- a question before a post that cannot be undone ---- */
  const ask = document.getElementById("confirm-dialog");
  let asked = null;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const says = event.submitter?.dataset.confirm || form.dataset.confirm;
    if (!says || form === asked?.form && asked.sure) { asked = null; return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    asked = { form, submitter: event.submitter, sure: false };
    const label = form.dataset.confirmLabel || event.submitter?.textContent.trim() || "";
    ask.querySelector("#confirm-title").textContent = label;
    ask.querySelector("[data-confirm-text]").textContent = says;
    ask.querySelector("[data-confirm-go]").textContent = label;
    ask.showModal();
  }, true);
  ask?.querySelector("[data-confirm-go]").addEventListener("click", () => {
    ask.close();
    if (!asked) return;
    asked.sure = true;
    asked.form.requestSubmit(asked.submitter ?? undefined);
  });

  /* ---- one press is enough: a form on its way takes no second one ---- */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent && Date.now() - Number(form.dataset.sent) < 8000) { event.preventDefault(); return; }
    form.dataset.sent = String(Date.now());
    form.classList.add("is-sent");
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form.is-sent")) { form.classList.remove("is-sent"); delete form.dataset.sent; }
  });

  /* ---- toasts: said once; an error stays until it is closed ---- */
  const toasts = document.getElementById("toasts");
  const icons = { error: "x", warning: "warn" };
  function away(toast) {
    if (!toast.classList.contains("so-toast--error")) setTimeout(() => toast.remove(), 5000);
  }
  function toast(text, tone = "success") {
    const made = document.getElementById("toast-shape").content.cloneNode(true).firstElementChild;
    made.classList.add(`so-toast--${tone}`);
    made.querySelector("span").textContent = text;
    if (icons[tone]) made.querySelector("use").setAttribute("href", `#i-${icons[tone]}`);
    toasts.append(made);
    away(made);
  }
  for (const shown of toasts?.querySelectorAll("[data-toast]") ?? []) away(shown);
  on("click", "[data-toast-close]", (_event, button) => button.closest("[data-toast]").remove());
  document.addEventListener("so:toast", (event) => {
    for (const { text, tone } of event.detail.value ?? event.detail ?? []) toast(text, tone);
  });
  on("click", "[data-say]", (_event, button) => toast(button.dataset.say, button.dataset.sayTone));
  document.addEventListener("htmx:sendError", () => toast(words.lost, "error"));
  document.addEventListener("htmx:responseError", (event) => toast(event.detail.xhr.status === 403 ? words.denied : words.failed, "error"));

  /* ---- figures as the server writes them: cents lighter, a true minus ---- */
  function money(amount) {
    const [whole, minor] = Math.abs(amount).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 }).split(".");
    const span = document.createElement("span");
    span.className = "so-money so-num";
    span.append(`${amount < 0 ? "−" : ""}${whole}`);
    const small = document.createElement("small");
    small.textContent = `.${minor}`;
    span.append(small);
    return span;
  }

  /* Classic scripts, loaded in order with defer: the pages take what they share from here. */
  window.so = { money, on, toast, typing, words };
})();
