"""The steps of the procedures: thin, idempotent Prefect tasks. A task takes plain data, calls the engine once in a
thread, and returns plain data. What they share: ``session`` (the engine of a run), ``parts`` (what there is one task
run for), ``procedure`` (starting them at the right time), ``lock`` (one writer per topology), ``watching``."""
