/* Two ledgers side by side: what is ticked adds up, in cents; a match opens when both sides are equal; parts of a line. */
(() => {
  "use strict";
  const { on } = window.so;
  const cents = (text) => Math.round(Number.parseFloat(text || "0") * 100) || 0;
  const shown = (count) => (count / 100).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 }).replace("-", "−");

  /* ---- ticking: the form is another one after a line was split ---- */
  let form, button, boxes, reason, most;
  let kept = null;

  function tell() {
    const sums = { ours: 0, theirs: 0 };
    const counts = { ours: 0, theirs: 0 };
    for (const box of boxes) {
      box.closest("li").classList.toggle("is-picked", box.checked);
      if (!box.checked) continue;
      sums[box.name] += cents(box.dataset.amount);
      counts[box.name] += 1;
    }
    const apart = sums.theirs - sums.ours;
    for (const [name, sum] of Object.entries({ ...sums, apart })) form.querySelector(`[data-sum="${name}"]`).value = shown(sum);
    const both = counts.ours > 0 && counts.theirs > 0;
    const few = both && apart !== 0 && Math.abs(apart) <= most;
    reason.hidden = !few;
    reason.required = few;
    form.querySelector('[data-sum="apart"]').classList.toggle("so-money--neg", apart !== 0);
    button.disabled = counts.ours + counts.theirs < 2 || (apart !== 0 && !few);
    /* What would make both sides equal is marked on the other side. */
    for (const box of boxes) {
      const amount = cents(box.dataset.amount);
      const fits = !box.checked && apart !== 0 && (box.name === "ours" ? amount === apart : amount === -apart);
      box.closest("li").classList.toggle("is-fitting", fits);
    }
  }
  function dress() {
    const found = document.querySelector("[data-matching]");
    if (found === form && form) return;
    form = found;
    button = form?.querySelector("[data-match]");
    boxes = button ? [...form.querySelectorAll("input[type=checkbox][data-amount]")] : [];
    if (!button) return;
    reason = form.querySelector("[data-reason]");
    most = cents(form.dataset.most);
    for (const box of boxes) if (kept?.ticked.has(`${box.name} ${box.value}`)) box.checked = true;
    if (kept) form.querySelector(`[data-row="${kept.row}"] input`)?.focus();
    kept = null;
    form.addEventListener("change", tell);
    form.querySelector("[data-clear]").addEventListener("click", () => {
      for (const box of boxes) box.checked = false;
      reason.value = "";
      tell();
    });
    tell();
  }
  /* What was ticked stays ticked, and the part of the line that was split has the focus. */
  let row = "";
  on("click", "[data-row] [hx-get]", (_event, link) => { row = link.closest("[data-row]").dataset.row; });
  document.addEventListener("so:done", () => { kept = { row, ticked: new Set(boxes.filter((box) => box.checked).map((box) => `${box.name} ${box.value}`)) }; });
  document.addEventListener("htmx:afterSettle", dress);

  /* ---- keys: j and k go from line to line, arrows to the other side, x or space ticks, s splits, m matches, Escape clears, f finds ---- */
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input:not([type=checkbox]), textarea, select, dialog *") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "f") { event.preventDefault(); document.querySelector("[data-find-line]")?.focus(); }
    if (!boxes.length) return;
    const here = document.activeElement?.matches("input[data-amount]") ? document.activeElement : null;
    const side = boxes.filter((box) => box.name === (here?.name ?? boxes[0].name));
    const at = side.indexOf(here);
    const go = (box) => { box?.focus(); box?.scrollIntoView({ block: "nearest" }); event.preventDefault(); };
    if (event.key === "j") go(side[Math.min(at + 1, side.length - 1)]);
    else if (event.key === "k") go(side[Math.max(at - 1, 0)]);
    else if ((event.key === "ArrowRight" || event.key === "ArrowLeft") && here) {
      const other = boxes.filter((box) => box.name === (event.key === "ArrowRight" ? "theirs" : "ours"));
      if (other.length && other[0].name !== here.name) go(other.find((box) => box.closest("li").matches(".is-fitting")) ?? other[Math.min(at, other.length - 1)]);
    } else if (event.key === "x" && here) { here.checked = !here.checked; tell(); event.preventDefault(); }
    else if (event.key === "s" && here) here.closest("li").querySelector("[hx-get]")?.click();
    else if (event.key === "m" && !button.disabled) { event.preventDefault(); if (reason.hidden || reason.value) form.requestSubmit(); else reason.focus(); }
    else if (event.key === "Escape") form.querySelector("[data-clear]").click();
  });

  /* ---- parts of a line: what is still to split follows what is typed ---- */
  const amountsOf = (field) => field.value.replaceAll("−", "-").replaceAll(",", "").split(/[\s;]+/).filter(Boolean);
  function tellParts(told) {
    const field = told.closest("form").elements.amounts;
    const left = cents(told.dataset.parts) - amountsOf(field).reduce((sum, one) => sum + cents(one), 0);
    told.hidden = false;
    const said = told.querySelector("[data-parts-left]");
    said.value = shown(left);
    said.classList.toggle("so-money--neg", left !== 0);
    told.querySelector("[data-parts-rest]").disabled = left === 0 || !field.value.trim();
    return left;
  }
  const dressParts = () => { for (const told of document.querySelectorAll("[data-parts]")) tellParts(told); };
  document.addEventListener("input", (event) => { const told = event.target.form?.querySelector("[data-parts]"); if (told) tellParts(told); });
  on("click", "[data-parts-rest]", (_event, rest) => {
    const told = rest.closest("[data-parts]");
    const field = told.closest("form").elements.amounts;
    field.value = `${field.value.trim()} ${(tellParts(told) / 100).toFixed(2)}`;
    field.focus();
    tellParts(told);
  });
  document.addEventListener("htmx:afterSettle", dressParts);
  dress();
  dressParts();
})();
