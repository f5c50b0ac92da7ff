"""`loopwright render --demo` as a process: twenty clips and a page to listen to them."""

from pathlib import Path
from urllib.parse import unquote

from cli.demo import PAGE, PROMPTS


def test_it_makes_twenty_clips_and_a_page_with_all_of_them(loopwright_with_fakes):
    result = loopwright_with_fakes.render("--demo", "--model", "fake", "--bars", "1")
    assert result.code == 0
    *clips, page = result.lines
    assert len(clips) == len(PROMPTS) == 20
    assert page.endswith(PAGE)
    written = unquote(Path(page).read_text(encoding="utf-8"))
    for clip, prompt in zip(clips, PROMPTS, strict=True):
        assert Path(clip).name in written
        assert prompt in written


def test_a_prompt_with_it_is_refused_before_an_engine_starts(loopwright_with_fakes):
    result = loopwright_with_fakes.render("--demo", "some prompt")
    assert result.code == 2
    assert "leave out the prompt" in result.sentence
