"""The real container runtimes and the real systemd, each on a private host, and what they were seen to do."""
