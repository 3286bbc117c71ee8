"""What becomes of ``docker run …`` and ``systemctl start …``, stage by stage, down to the system calls."""
