// Tells the portal, once, that the installation is complete; from then on it sends events and shows the app.
(() => {
  "use strict";
  const late = document.querySelector("[data-late]");
  let told = false;
  const tooLate = () => {
    if (late) {
      late.hidden = false;
    }
  };
  const finish = () => {
    if (told || !window.BX24) {
      return;
    }
    told = true;
    window.BX24.init(() => window.BX24.installFinish());
    // The portal then shows the app in place of this page. If it does not, the library found no portal.
    setTimeout(tooLate, 8000);
  };
  window.addEventListener("load", () => {
    finish();
    let tries = 0;
    const wait = setInterval(() => {
      finish();
      tries += 1;
      if (told || tries > 40) {
        clearInterval(wait);
      }
      if (!told && tries === 12) {
        tooLate();
      }
    }, 250);
  });
})();
