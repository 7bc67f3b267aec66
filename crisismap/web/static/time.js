// Show times in the phone's time zone and format; without this script they are in UTC.
"use strict";
for (const shown of document.querySelectorAll("time[datetime]")) {
  const when = new Date(shown.dateTime);
  const options = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
  shown.textContent = new Intl.DateTimeFormat(document.documentElement.lang, options).format(when);
}
