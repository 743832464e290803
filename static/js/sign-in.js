/* The demo's roles: one press fills the form and sends it. */
(() => {
  "use strict";
  const form = document.getElementById("sign-in");
  window.so.on("click", "[data-demo]", (_event, button) => {
    form.elements.username.value = button.dataset.demo;
    form.elements.password.value = button.closest("[data-demo-password]").dataset.demoPassword;
    form.requestSubmit();
  });
})();
