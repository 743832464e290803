/* The payment form: an amount that the account names is one click. */
(() => {
  "use strict";
  window.so.on("click", "[data-amount]", (_event, chip) => {
    const amount = document.getElementById("id_amount");
    amount.value = chip.dataset.amount;
    amount.dispatchEvent(new Event("input", { bubbles: true }));
    amount.focus();
  });
})();
