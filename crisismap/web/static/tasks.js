// Progressive enhancement of /tasks and /shelters, which work without it: use the phone's position instead of typing.
"use strict";
(() => {
  const form = document.getElementById("where");
  const status = document.getElementById("position-status");
  if (!navigator.geolocation || !window.isSecureContext) return;
  document.querySelector(".position").hidden = false;
  document.getElementById("use-position").addEventListener("click", () => {
    status.textContent = form.dataset.asking;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.near.value = `${coords.latitude.toFixed(5)}, ${coords.longitude.toFixed(5)}`;
        form.submit();
      },
      () => {
        status.textContent = form.dataset.denied;
        const folded = form.querySelector("details");
        if (folded) folded.open = true;
        form.elements.near.focus();
      },
      { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 },
    );
  });
})();
