"""kubectl: its command line, what it asks the cluster for, and how it prints the answers."""
