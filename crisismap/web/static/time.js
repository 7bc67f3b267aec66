// Show times in the phone's own zone, as the page's language writes them; without this script they are in UTC.
"use strict";
{
  const zone = document.getElementById("time-zone");
  const locale = zone.dataset.locale;
  const style = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  for (const shown of document.querySelectorAll("time[datetime] bdi")) {
    shown.textContent = style.format(new Date(shown.parentElement.dateTime));
  }
  const parts = new Intl.DateTimeFormat(locale, { timeZoneName: "long" }).formatToParts(new Date());
  zone.textContent = parts.find((part) => part.type === "timeZoneName").value;
}
