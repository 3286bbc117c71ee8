"""The real kernel as a world for transcripts: real programs in a sandbox of their own."""
