/* Two ledgers side by side: what is ticked adds up, in cents; a match opens when both sides are equal. */
(() => {
  "use strict";
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input:not([type=checkbox]), textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "f") { event.preventDefault(); document.querySelector("[data-find-line]")?.focus(); }
  });
  const form = document.querySelector("[data-matching]");
  const button = form?.querySelector("[data-match]");
  if (!button) return;
  const cents = (text) => Math.round(Number.parseFloat(text || "0") * 100) || 0;
  const shown = (count) => (count / 100).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 }).replace("-", "−");
  const boxes = [...form.querySelectorAll("input[type=checkbox][data-amount]")];
  const reason = form.querySelector("[data-reason]");
  const most = cents(form.dataset.most);

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
  form.addEventListener("change", tell);
  form.querySelector("[data-clear]").addEventListener("click", () => {
    for (const box of boxes) box.checked = false;
    reason.value = "";
    tell();
  });
  /* j and k go from line to line, arrows to the other side, x or space ticks, m matches, Escape clears. */
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input:not([type=checkbox]), textarea, select, dialog *") || event.ctrlKey || event.metaKey || event.altKey) return;
    const here = document.activeElement?.matches("input[data-amount]") ? document.activeElement : null;
    const side = boxes.filter((box) => box.name === (here?.name ?? boxes[0].name));
    const at = side.indexOf(here);
    const go = (box) => { box?.focus(); box?.scrollIntoView({ block: "nearest" }); event.preventDefault(); };
    if (event.key === "j") go(side[Math.min(at + 1, side.length - 1)]);
    else if (event.key === "k") go(side[Math.max(at - 1, 0)]);
    else if ((event.key === "ArrowRight" || event.key === "ArrowLeft") && here) {
      const other = boxes.filter((box) => box.name === (event.key === "ArrowRight" ? "theirs" : "ours"));
      if (other[0]?.name !== here.name) go(other.find((box) => box.closest("li").matches(".is-fitting")) ?? other[Math.min(at, other.length - 1)]);
    } else if (event.key === "x" && here) { here.checked = !here.checked; tell(); event.preventDefault(); }
    else if (event.key === "m" && !button.disabled) { event.preventDefault(); if (reason.hidden || reason.value) form.requestSubmit(); else reason.focus(); }
    else if (event.key === "Escape") form.querySelector("[data-clear]").click();
  });
  tell();
})();
