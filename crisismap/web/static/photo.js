// Progressive enhancement of the pages with a photo, which work without it: shrink the chosen photo on the phone, so that
// it arrives over a weak connection. What this browser cannot shrink is sent as it is; the server reads it or says why not.
"use strict";
(() => {
  const LONGEST = 2560; // pixels; the server keeps 1,600
  const SMALL = 400_000; // bytes; a smaller file is sent as it is
  const QUALITY = 0.85;
  const PATIENCE = 5000; // ms that sending waits for the shrinking
  const input = document.getElementById("photo");
  const form = input && input.form;
  if (!form || !form.requestSubmit || !window.createImageBitmap || !window.DataTransfer) return;

  let pending = null; // the promise of the photo that is being shrunk
  let submitter = null; // the button of a submission that waits for it
  let waiting = false;

  // Draw the photo upright, on white as the server does where it is transparent.
  async function shrunk(file) {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const body = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    if (!body || body.type !== "image/jpeg") throw new Error("no JPEG");
    return new File([body], `${file.name.replace(/\.[^.]*$/, "")}.jpg`, { type: "image/jpeg" });
  }

  async function replace(file) {
    try {
      const small = await shrunk(file);
      if (small.size >= file.size || input.files[0] !== file) return;
      const list = new DataTransfer();
      list.items.add(small);
      input.files = list.files;
    } catch {
      // Not a picture that this browser reads, or no memory for it: the file stays as it is.
    }
  }

  input.addEventListener("change", () => {
    const file = input.files[0];
    const work = file && file.size > SMALL ? replace(file) : null;
    pending = work;
    if (!work) return;
    work.then(() => {
      if (pending === work) pending = null;
    });
  });

  form.addEventListener("submit", async (event) => {
    if (!pending && !waiting) return;
    event.preventDefault();
    submitter = event.submitter;
    if (waiting) return; // pressed again meanwhile: the last button counts, and the form is sent once
    waiting = true;
    form.setAttribute("aria-busy", "true");
    let timer;
    const patience = new Promise((resolve) => (timer = setTimeout(resolve, PATIENCE)));
    await Promise.race([pending, patience]);
    clearTimeout(timer);
    pending = null;
    waiting = false;
    form.removeAttribute("aria-busy");
    form.requestSubmit(submitter);
  });
})();
