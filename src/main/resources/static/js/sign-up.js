// Meta's Embedded Signup: opens its window, hears what it says, and hands code and account to the server at once, as
// the code lives for half a minute.
(() => {
  "use strict";
  const form = document.getElementById("sign-up");
  if (!form) {
    return;
  }
  const button = form.querySelector("[data-go]");
  const settings = form.dataset;
  // The account may be told before the code or right after it.
  const PATIENCE = 3000;
  let code = null;
  let told = null;
  let sent = false;

  const show = (...states) => {
    for (const part of form.querySelectorAll("[data-state]")) {
      part.hidden = !states.includes(part.dataset.state);
    }
  };
  const isMeta = (origin) => {
    if (origin === settings.origin) {
      return true;
    }
    try {
      const url = new URL(origin);
      return url.protocol === "https:" && (url.hostname === "facebook.com" || url.hostname.endsWith(".facebook.com"));
    } catch {
      return false;
    }
  };
  const finish = () => {
    if (sent || !code) {
      return;
    }
    sent = true;
    show("finishing");
    const data = (told && told.data) || {};
    form.elements.code.value = code;
    form.elements.wabaId.value = data.waba_id || "";
    form.elements.phoneNumberId.value = data.phone_number_id || "";
    form.elements.event.value = (told && told.event) || "";
    form.submit();
  };
  const stopped = () => {
    button.disabled = false;
    const data = (told && told.data) || {};
    if (data.error_message) {
      form.querySelector("[data-said]").textContent = data.error_message
        + (data.error_id || data.error_code ? " (" + (data.error_id || data.error_code) + ")" : "");
      show("failed");
    } else if (data.current_step) {
      form.querySelector("[data-step]").textContent = data.current_step;
      show("cancelled", "step");
    } else {
      show("cancelled");
    }
  };

  window.addEventListener("message", (event) => {
    if (!isMeta(event.origin)) {
      return;
    }
    let message = event.data;
    if (typeof message === "string") {
      try {
        message = JSON.parse(message);
      } catch {
        return;
      }
    }
    if (!message || message.type !== "WA_EMBEDDED_SIGNUP") {
      return;
    }
    told = {event: String(message.event || ""), data: message.data || {}};
    if (told.event.startsWith("FINISH") && code) {
      finish();
    }
  });

  const answered = (response) => {
    const given = response && response.authResponse && response.authResponse.code;
    if (!given) {
      stopped();
      return;
    }
    code = given;
    show("finishing");
    if (told && told.event.startsWith("FINISH")) {
      finish();
    } else {
      // The server finds the account by the token then.
      setTimeout(finish, PATIENCE);
    }
  };

  button.addEventListener("click", () => {
    code = null;
    told = null;
    button.disabled = true;
    show("waiting");
    const extras = {setup: {}, sessionInfoVersion: "3"};
    if (form.elements.how.value === "app") {
      extras.featureType = "whatsapp_business_app_onboarding";
    }
    window.FB.login(answered, {
      config_id: settings.configId,
      response_type: "code",
      override_default_response_type: true,
      extras
    });
  });

  const ready = () => {
    window.FB.init({appId: settings.appId, version: settings.version, autoLogAppEvents: false, xfbml: false});
    button.disabled = false;
    show();
  };
  // Called by the library once it is there; it may have come before this script.
  window.fbAsyncInit = ready;
  if (window.FB) {
    ready();
  }
  setTimeout(() => {
    if (!window.FB) {
      show("late");
    }
  }, 8000);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      window.location.reload();
    }
  });
})();
