// The report has arrived: what was kept of it in this tab is forgotten.
"use strict";
try {
  sessionStorage.removeItem("crisismap-report");
} catch {
  // A browser that keeps nothing has nothing to forget.
}
