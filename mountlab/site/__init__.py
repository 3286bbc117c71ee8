"""The static site: every lesson as one page that needs no server and no network."""
