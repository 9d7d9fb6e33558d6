"""Gatespan: one API gateway for every network.

The package is the engine: plain Python that knows nothing of Prefect. It turns a topology file into
resources, compares them with the cloud, builds what is missing, proves that calls go through, and removes
it all again. ``gatespan.emulator`` is a program of its own: the embedded cloud, met only over HTTP.
"""
