"""The commands of ``mountlab`` that need more than the transcript language: one module for each."""
