"""The transcript language: lines of several terminals, the programs they run, and the worlds they run in."""
