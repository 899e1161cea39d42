// What goes on by itself is looked at again; without this the reader reloads.
(() => {
  "use strict";
  const watched = document.querySelector("[data-refresh]");
  if (watched) {
    setTimeout(() => window.location.replace(window.location.pathname), Number(watched.dataset.refresh) * 1000);
  }
})();
