"""Practice without a notebook: levels, questions, progress."""
