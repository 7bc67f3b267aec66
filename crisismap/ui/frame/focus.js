// Moves the focus to the heading of what was opened, so that keys and screen readers go on there.

const moved = (globalThis.crisismapFocus ??= new Map()); // container -> the token it was moved for

export default function (component) {
  const { container, token } = JSON.parse(new TextDecoder().decode(component.data));
  if (moved.get(container) === token) return;
  moved.set(container, token);
  requestAnimationFrame(() => {
    const heading = document.querySelector(`.st-key-${CSS.escape(container)} :is(h1, h2, h3)`);
    if (!heading) return;
    heading.tabIndex = -1;
    heading.style.outline = "none";
    heading.focus({ preventScroll: true });
  });
}
