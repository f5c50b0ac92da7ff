"""The command line: one module per command, without Qt, audio or torch.

`main.py` picks the command, `parser.py` reads its options, `session.py` runs a job in an engine,
`output.py` prints.
"""
