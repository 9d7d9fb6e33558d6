"""The embedded cloud: a faithful emulator of the CBN, CloudAPI, VPC and FC control planes and of the data plane
behind them.

It is a program of its own (``python -m gatespan.emulator``). The engine never imports it and it never imports the
engine: they meet over HTTP only, so that a mistake cannot prove itself right.

How a call travels: ``wire`` reads the request and checks its signature, ``service`` finds the action and its
declared rules (required parameters, token, dry run, rate), ``faults`` may step in, the action changes the ``world``
in one transaction, ``lifecycle`` moves objects through their states, ``storage`` keeps every change before the
answer leaves.
"""
