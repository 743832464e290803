/* A button that leads to #print prints the page as paper wants it. */
(() => {
  "use strict";
  window.so.on("click", 'a[href="#print"]', (event) => { event.preventDefault(); window.print(); });
})();
