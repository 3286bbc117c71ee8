"""Docker, OCI runtimes and systemd's service settings, compiled to the system calls they make."""
