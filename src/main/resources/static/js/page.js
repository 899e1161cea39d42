// Small comforts; every page works without them.
(() => {
  "use strict";

  // A second click does nothing.
  for (const form of document.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "1";
      const button = form.querySelector("button[type=submit]");
      if (button) {
        button.disabled = true;
        button.textContent = button.dataset.busy || button.textContent;
      }
    });
  }
  // What is shown once is copied by a click.
  for (const button of document.querySelectorAll("[data-copy]")) {
    const field = document.getElementById(button.dataset.copy);
    button.hidden = false;
    button.addEventListener("click", async () => {
      field.select();
      try {
        await navigator.clipboard.writeText(field.value);
      } catch {
        document.execCommand("copy");
      }
      button.textContent = button.dataset.copied;
    });
  }
  // Back in history, the form can be sent again.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      window.location.reload();
    }
  });

  // The frame of Bitrix24 takes the page's height; its library may come late, or not at all.
  const fit = () => window.BX24 && window.BX24.init(() => {
    window.BX24.fitWindow();
    for (const button of document.querySelectorAll("[data-close]")) {
      button.hidden = false;
      button.addEventListener("click", () => window.BX24.closeApplication());
    }
  });
  window.addEventListener("load", () => {
    if (window.self !== window.top) {
      fit();
    }
  });
})();
