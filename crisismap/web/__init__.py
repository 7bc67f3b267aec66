"""Plain pages for everyone, and the browser assets every page is served from."""
