"""Docker 20.10: its client's command line, its daemon and what it hands to the runtime."""
