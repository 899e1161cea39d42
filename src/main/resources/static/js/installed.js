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
    if (late) {
      late.hidden = true;
    }
    window.BX24.init(() => window.BX24.installFinish());
    // The portal then shows the app in place of this page. If it does not, the library found no portal.
    setTimeout(tooLate, 8000);
  };
  // Not by the load event, which a library that hangs would keep back. However late it comes, the portal is told then.
  finish();
  let tries = 0;
  const wait = setInterval(() => {
    finish();
    tries += 1;
    if (told) {
      clearInterval(wait);
    } else if (tries === 12) {
      tooLate();
    }
  }, 250);
})();
