/* The inbox: moving, selecting, giving a reason, keys. Every decision is a form that the server answers. */
(() => {
  "use strict";
  const inbox = document.querySelector("[data-inbox]");
  if (!inbox) return;
  const { money, typing } = window.so;
  const $ = (selector) => inbox.querySelector(selector);
  const items = () => [...inbox.querySelectorAll(".so-item")];
  const current = () => $(".so-item.is-open");

  /* ---- open a case: the link brings it, this marks it ---- */
  function mark(pk) {
    for (const item of items()) {
      const open = item.dataset.pk === pk;
      item.classList.toggle("is-open", open);
      item.querySelector("a").toggleAttribute("aria-current", open);
      if (open) item.scrollIntoView({ block: "nearest" });
    }
  }
  function showCase(yes) {
    inbox.classList.toggle("has-case", yes);
    document.body.classList.toggle("has-case-open", yes);
    for (const button of document.querySelectorAll("[data-back]")) button.hidden = !yes;
    for (const button of document.querySelectorAll("[data-menu]")) button.hidden = yes;
  }
  let wanted = null;
  document.addEventListener("htmx:beforeRequest", (event) => {
    const link = event.target.closest?.(".so-item__link");
    wanted = link ? link.closest(".so-item").dataset.pk : null;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "case") return;
    const shown = document.getElementById("case");
    mark(shown.dataset.case);
    if (wanted) {
      showCase(true);
      if (getComputedStyle(inbox).display === "block") { shown.querySelector("[data-case-title]")?.focus({ preventScroll: true }); window.scrollTo(0, 0); }
      wanted = null;
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-back]")) showCase(false);
  });
  function step(by) {
    const all = items();
    if (!all.length) return;
    const at = all.indexOf(current());
    const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
    if (next !== current()) next.querySelector("a").click();
  }

  /* ---- select several ---- */
  const select = $("[data-select]");
  const boxes = () => [...inbox.querySelectorAll(".so-item .so-check")];
  function tell() {
    const chosen = boxes().filter((box) => box.checked);
    const total = chosen.reduce((all, box) => all + Number(box.closest(".so-item").dataset.amount), 0);
    inbox.classList.toggle("is-selecting", chosen.length > 0 || select?.getAttribute("aria-pressed") === "true");
    $("[data-bulk-n]").textContent = String(chosen.length);
    $("[data-bulk-sum]").replaceChildren(money(total));
    $("[data-bulk-go]").disabled = chosen.length === 0;
  }
  function clear() {
    for (const box of boxes()) box.checked = false;
    select?.setAttribute("aria-pressed", "false");
    tell();
  }
  function pick(item) {
    const box = item?.querySelector(".so-check");
    if (!box) return;
    box.checked = !box.checked;
    tell();
  }
  inbox.addEventListener("change", (event) => { if (event.target.matches(".so-check")) tell(); });
  select?.addEventListener("click", () => {
    const on = select.getAttribute("aria-pressed") !== "true";
    if (!on) return clear();
    select.setAttribute("aria-pressed", "true");
    tell();
  });
  $("[data-bulk-clear]")?.addEventListener("click", clear);

  /* ---- a no has a reason ---- */
  function ask(verb) {
    const button = $(`[data-ask="${verb}"]`);
    const dialog = $("[data-reason]");
    if (!button || !dialog) return;
    const go = dialog.querySelector("[data-reason-go]");
    const word = go.dataset[verb];
    dialog.querySelector("[data-reason-title]").textContent = word;
    go.textContent = word;
    dialog.querySelector("form").action = button.dataset.askUrl;
    dialog.showModal();
    dialog.querySelector("textarea").focus();
  }
  inbox.addEventListener("click", (event) => {
    const button = event.target.closest("[data-ask]");
    if (button) ask(button.dataset.ask);
    const quick = event.target.closest("[data-quick] button");
    if (quick) {
      const reason = quick.closest("dialog").querySelector("textarea");
      reason.value = `${quick.textContent}. ${reason.value}`.trim();
      reason.focus();
    }
  });

  /* ---- a second click on a decision does nothing ---- */
  inbox.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-once]");
    if (!form) return;
    if (form.dataset.sent) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    form.dataset.sent = "yes";
  }, true);
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("[data-once]");
    if (form && event.detail.failed) delete form.dataset.sent;
  });

  /* ---- keys ---- */
  const press = (selector) => { const button = $(selector); if (button && !button.disabled) button.click(); };
  document.addEventListener("keydown", (event) => {
    if (typing(event)) return;
    const keys = {
      a: () => press("[data-approve]"), j: () => step(1), k: () => step(-1), x: () => pick(current()),
      r: () => ask("reject"), c: () => ask("return"), t: () => press("[data-trim]"), w: () => press("[data-park]"),
      escape: clear, "?": () => document.getElementById("keys").showModal(),
    };
    const act = keys[event.key.toLowerCase()];
    if (act) { event.preventDefault(); act(); }
  });
  if (inbox.classList.contains("has-case")) showCase(true);
  tell();
})();
