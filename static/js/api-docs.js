/* The documentation of the API: Swagger UI on our own schema, in the theme that the person chose. */
(() => {
  "use strict";
  const place = document.getElementById("docs");
  let theme = "";
  try { theme = localStorage.getItem("so-theme") ?? ""; } catch { /* then as the system has it */ }
  const dark = theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.classList.toggle("dark-mode", dark);
  window.SwaggerUIBundle({
    url: place.dataset.schema,
    domNode: place,
    deepLinking: true,
    docExpansion: "list",
    filter: true,
    tryItOutEnabled: false,
    validatorUrl: null,
    presets: [window.SwaggerUIBundle.presets.apis],
  });
})();
