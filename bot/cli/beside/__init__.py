"""The command line hands its request to the process that runs beside it, which has loaded by then what takes the command line a second to load.

It is a short cut and nothing more: where nobody listens, or whoever does is of another release or of another configuration, the command line
does by itself what it always did. A request has a key, so that one that was handed over and never answered can be made again.
"""
