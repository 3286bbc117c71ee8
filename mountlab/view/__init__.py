"""Pictures of mounts: one scene, painted for the screen, for paper and as text.

`mountlab.view.frames` turns what a machine did into plain data; `scene` reads one moment out of it; the
painters (`text`, `figure`, and ``stepper.js`` in the browser) draw that and nothing else.
"""
