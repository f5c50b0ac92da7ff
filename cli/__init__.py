"""The command line: one module per command, without Qt, audio or torch.

`program.py` picks the command, `parser.py` reads its options, `engine_session.py` runs one job in
an engine, `output.py` and `job_output.py` print.
"""
