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
  // What htmx sends says that it is under way, too; its answer brings a new button, and a failure the old words.
  const busied = new WeakMap();
  const buttonOf = (event) => event.target.querySelector?.("button[data-busy]");
  document.addEventListener("htmx:beforeRequest", (event) => {
    const button = buttonOf(event);
    if (button) {
      busied.set(button, button.textContent);
      button.textContent = button.dataset.busy;
    }
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const button = buttonOf(event);
    if (button && !event.detail.successful && busied.has(button)) {
      button.textContent = busied.get(button);
    }
  });
  // What is shown once is copied by a click.
  for (const button of document.querySelectorAll("[data-copy]")) {
    const field = document.getElementById(button.dataset.copy);
    button.classList.remove("later");
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

  // A menu closes like any other: by Escape, and by a click elsewhere.
  const menus = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const menu of menus()) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    }
  });
  document.addEventListener("click", (event) => {
    for (const menu of menus()) {
      if (!menu.contains(event.target)) {
        menu.open = false;
      }
    }
  });
  // Where the sections are wider than the window, the open one is in sight.
  const here = document.querySelector(".sections [aria-current]");
  if (here) {
    here.parentElement.scrollLeft = here.offsetLeft - 40;
  }

  // Within Bitrix24 its library gives the frame the page's height, so that nothing scrolls there, and closes panels.
  // It may come late, or not at all: the page is whole without it, and says what it cannot do then.
  if (window.self === window.top) {
    return;
  }
  const LIBRARY = "https://api.bitrix24.com/api/v1/";
  const PATIENCE_MS = 5000;
  const ready = () => {
    for (const hint of document.querySelectorAll("[data-without-library]")) {
      hint.classList.add("later");
    }
    let pending = 0;
    const fit = () => {
      clearTimeout(pending);
      pending = setTimeout(() => window.BX24.fitWindow(), 60);
    };
    fit();
    new ResizeObserver(fit).observe(document.body);
    for (const button of document.querySelectorAll("[data-close]")) {
      button.classList.remove("later");
      button.addEventListener("click", () => window.BX24.closeApplication());
    }
  };
  const absent = () => {
    for (const hint of document.querySelectorAll("[data-without-library]")) {
      hint.classList.remove("later");
    }
  };
  // However late it comes, it is used then; after a while the page no longer waits for it.
  const missed = setTimeout(absent, PATIENCE_MS);
  const look = () => {
    if (window.BX24) {
      clearTimeout(missed);
      window.BX24.init(ready);
    } else {
      setTimeout(look, 250);
    }
  };
  if (!window.BX24 && !document.querySelector("script[src='" + LIBRARY + "']")) {
    const library = document.createElement("script");
    library.src = LIBRARY;
    document.head.append(library);
  }
  // Not by the load event: a library that hangs would keep it back.
  look();
})();
