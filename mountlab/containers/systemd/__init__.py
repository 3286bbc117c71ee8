"""systemd 252 as far as it touches mount propagation: unit files, a unit's namespace, systemctl."""
