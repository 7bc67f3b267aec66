// The report has arrived: delete what this tab kept of it.
"use strict";
try {
  sessionStorage.removeItem("crisismap-report");
} catch {
  // Without storage there is nothing to delete.
}
