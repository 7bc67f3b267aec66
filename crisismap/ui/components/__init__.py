"""Parts of the desk's pages that more than one page shows."""
