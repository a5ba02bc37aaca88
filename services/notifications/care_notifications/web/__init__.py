"""The worklist in the browser: pages, forms and live updates."""
