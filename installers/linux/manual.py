"""The manual page, made from the help texts of the program."""

import re
from pathlib import Path

from steps import Steps


def manual_page(steps: Steps, program: Path, version: str) -> bytes:
    """Return the page, in troff."""
    help_text = steps.answer_of(program, "--help")
    commands = re.findall(r"^  ([a-z]+) ", help_text, re.MULTILINE)
    parts = [
        f'.TH LOOPWRIGHT 1 "" "Loopwright {version}" "User Commands"\n',
        ".SH NAME\nloopwright \\- text prompts to exact, seamless, tempo-tagged loops\n",
        _section("SYNOPSIS", "loopwright [COMMAND ...]"),
        _section("DESCRIPTION", help_text),
    ]
    parts += [
        _section(f"loopwright {command}", steps.answer_of(program, command, "--help"))
        for command in commands
    ]
    return "".join(parts).encode()


def _section(title: str, text: str) -> str:
    """Return a section with preformatted text."""
    safe = text.replace("\\", "\\e").replace("-", "\\-")
    lines = [f"\\&{line}" if line.startswith((".", "'")) else line for line in safe.splitlines()]
    return f'.SH "{title}"\n.nf\n' + "\n".join(lines) + "\n.fi\n"
