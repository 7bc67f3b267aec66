// Progressive enhancement of the report page, which works without it: the position of the phone, only the questions of
// the chosen category, one submission at a time, and typed text that survives a lost connection (in this tab only).
"use strict";
(() => {
  const form = document.getElementById("report");
  const field = (name) => form.elements.namedItem(name);
  const KEY = "crisismap-report";

  // Show and send only the questions of the chosen category.
  const groups = document.querySelectorAll("details.more");
  const chosen = () => form.querySelector("input[name=category]:checked");
  function showQuestions() {
    const now = chosen() ? chosen().value : null;
    for (const group of groups) {
      const own = group.dataset.category === now;
      group.hidden = !own;
      group.querySelector("fieldset").disabled = !own;
      if (own) group.open = true;
    }
  }

  // The phone's position.
  const status = document.getElementById("position-status");
  const forget = document.getElementById("forget-position");
  function place(lat, lon, accuracy) {
    field("lat").value = lat;
    field("lon").value = lon;
    field("accuracy_m").value = accuracy;
    forget.hidden = lat === "";
  }
  function usePosition() {
    status.textContent = form.dataset.asking;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const metres = Math.ceil(coords.accuracy);
        place(coords.latitude.toFixed(6), coords.longitude.toFixed(6), String(metres));
        status.textContent = form.dataset.found.replace("{metres}", metres);
        keep();
      },
      () => {
        status.textContent = form.dataset.denied;
        field("place").focus();
      },
      { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 },
    );
  }
  if (navigator.geolocation && window.isSecureContext) {
    document.querySelector(".position").hidden = false;
    document.getElementById("use-position").addEventListener("click", usePosition);
    forget.addEventListener("click", () => {
      place("", "", "");
      status.textContent = "";
      keep();
    });
    forget.hidden = field("lat").value === "";
  }
  // Coordinates typed by hand have no known accuracy.
  for (const name of ["lat", "lon"]) {
    field(name).addEventListener("input", () => {
      field("accuracy_m").value = "";
    });
  }

  // Keep what was typed in this tab until the report has arrived.
  function keep() {
    const typed = [...new FormData(form)].filter(([name, value]) => name !== "csrf_token" && typeof value === "string");
    try {
      sessionStorage.setItem(KEY, JSON.stringify(typed));
    } catch {
      // Storage is full or forbidden: the page works without it.
    }
  }
  function restore() {
    let typed = [];
    try {
      typed = JSON.parse(sessionStorage.getItem(KEY) || "[]");
    } catch {
      return;
    }
    for (const [name, value] of typed) {
      const input = field(name);
      if (!input) continue;
      if (input.type === "checkbox") input.checked = true;
      else input.value = value;
    }
  }
  const shownAgain = form.dataset.kept === "yes";
  if (!shownAgain) restore();
  showQuestions();
  form.addEventListener("input", keep);
  form.addEventListener("change", () => {
    showQuestions();
    keep();
  });

  // One submission at a time; the button is enabled again when the page is shown again.
  const send = document.getElementById("send");
  const word = send.textContent;
  form.addEventListener("submit", (event) => {
    if (event.submitter && event.submitter.name === "switch") return;
    keep();
    send.disabled = true;
    send.textContent = form.dataset.sending;
  });
  addEventListener("pageshow", () => {
    send.disabled = false;
    send.textContent = word;
  });
  const summary = document.getElementById("summary");
  if (summary) summary.focus();
})();
