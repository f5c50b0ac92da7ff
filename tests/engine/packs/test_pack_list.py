"""Lists of packs: CSV and YAML as people write them, and one sentence for each mistake."""

import pytest

from engine.loops.errors import LoopError
from engine.packs.pack_list import MOST_LOOPS, read_pack_list


def written(folder, text, name="pack.csv"):
    path = folder / name
    path.write_text(text, "utf-8") if isinstance(text, str) else path.write_bytes(text)
    return path


def requests(folder, text, name="pack.csv"):
    return [entry.request for entry in read_pack_list(written(folder, text, name)).entries]


def test_prompts_are_multiplied_by_roles_keys_tempos_and_seeds(tmp_path):
    found = requests(
        tmp_path,
        "prompts,roles,keys,tempos,seeds,bars\ndusty; warm,pad;bass,Am;F# minor,84;90.5,1-3;9,2\n",
    )
    assert len(found) == 2 * 2 * 2 * 2 * 4
    assert [each.seed for each in found[:4]] == [1, 2, 3, 9]
    assert found[0].prompt == "dusty pad"
    assert {each.bpm for each in found} == {84.0, 90.5}
    assert {each.key for each in found} == {"A minor", "F# minor"}
    assert {each.bars for each in found} == {2}


@pytest.mark.parametrize(
    ("cells", "seeds"),
    [
        ("count\n", None),
        ("count\nbeat,3", [1, 2, 3]),
        ("count,seeds\nbeat,4,7-8", [7, 8, 9, 10]),
        ("seeds\nbeat,5", [5]),
        ("bars\nbeat,1", [1]),
    ],
)
def test_a_count_gives_seeds(tmp_path, cells, seeds):
    text = f"prompt,{cells}\n"
    if seeds is None:
        with pytest.raises(LoopError, match="has no loops"):
            requests(tmp_path, text)
    else:
        assert [each.seed for each in requests(tmp_path, text)] == seeds


def test_yaml_has_names_and_defaults(tmp_path):
    text = """
vendor: Nord Audio
name: Dusty Tapes
defaults: {bars: 2, keys: [Am, C]}
loops:
  - {prompt: warm pad, bpm: 90, count: 2}
  - {prompts: [house, techno], role: drums, key: null, bpm: [120, 124]}
"""
    found = read_pack_list(written(tmp_path, text, "x.yaml"))
    assert (found.vendor, found.name) == ("Nord Audio", "Dusty Tapes")
    assert [entry.request.prompt for entry in found.entries].count("warm pad") == 4
    assert [entry.request.bpm for entry in found.entries[4:]] == [120, 124, 120, 124]


def test_a_list_of_yaml_needs_no_names(tmp_path):
    assert len(requests(tmp_path, "- prompt: a\n- {prompt: b, count: 2}\n", "x.yml")) == 3


def test_the_same_entry_has_the_same_id_wherever_it_stands(tmp_path):
    first = read_pack_list(written(tmp_path, "prompt,bars\nbeat,1\npad,2\n")).entries
    second = read_pack_list(written(tmp_path, "bars,prompt\n2,pad\n1,beat\n1,beat\n")).entries
    assert [entry.id for entry in second[:2]] == [first[1].id, first[0].id]
    assert second[2].id == f"{second[1].id}-1"


def test_spreadsheets_and_their_habits_are_read(tmp_path):
    rows = (
        "\ufeffPrompt ,BARS,negative",
        '"dusty, warm pad",2,',
        '"with ""quotes""",1,hiss',
        "",
        "",
    )
    text = "\r\n".join(rows).encode()
    found = requests(tmp_path, text)
    assert [each.prompt for each in found] == ["dusty, warm pad", 'with "quotes"']
    assert [each.negative for each in found] == [None, "hiss"]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("x.csv", "", "has no loops"),
        ("x.csv", "prompt\n", "has no loops"),
        ("x.csv", "prompt,colour\nbeat,red\n", "line 2 has 'colour', which is none of prompt"),
        ("x.csv", "prompt,bars\nbeat,1\npad,many\n", "line 3: 'bars' cannot be 'many'"),
        ("x.csv", "prompt,bars\nbeat,99999\n", "line 2: .*99999"),
        ("x.csv", "prompt,bpm\nbeat,fast\n", "line 2: The tempo 'fast' is not a number"),
        ("x.csv", "prompt,bpm\nbeat,nan\n", "line 2: "),
        ("x.csv", "prompt,key\nbeat,H sharp\n", "line 2: The key is 'H sharp'"),
        ("x.csv", "prompt,seeds\nbeat,1-\n", "the seed '1-' is not like"),
        ("x.csv", "prompt,seeds\nbeat,9-99999999999\n", "the seed is"),
        ("x.csv", "prompt,count\nbeat,0\n", "the count is"),
        ("x.csv", "prompt,count\nbeat,1e999\n", "the count is"),
        ("x.csv", "prompt,bars\n,4\n", "line 2 has no prompt"),
        ("x.csv", "prompt\nbeat,1,2\n", "line 2 has more cells than columns"),
        ("x.csv", 'prompt\n"beat\n', "not CSV"),
        ("x.csv", "prompt\nbeat\x00\n", None),
        ("x.csv", f"prompt,seeds,bars\nbeat,1-{MOST_LOOPS},1;2\n", "'bars' cannot be"),
        ("x.csv", f"prompt,seeds,keys\nbeat,1-{MOST_LOOPS},Am;C\n", "more than 10,000 loops"),
        ("x.csv", b"prompt\n\xff\xfe\n", "not text in UTF-8"),
        ("x.yaml", "loops: 3", "has no loops"),
        ("x.yaml", "{", "not YAML in line"),
        ("x.yaml", "[" * 5_000, "not YAML"),
        ("x.yaml", "- beat\n", "loop 1 is 'beat'"),
        ("x.yaml", "loops: [{prompt: beat}]\ncolour: red", "the list has 'colour'"),
        ("x.yaml", "defaults: 3\nloops: [{prompt: beat}]", "'defaults' is 3"),
        ("x.yaml", "- {prompt: beat, bars: [1, 2]}", "'bars' cannot be"),
        ("x.yaml", "- !!python/object/apply:os.system ['true']", "not YAML"),
        ("x.txt", "prompt\nbeat\n", "neither CSV nor YAML"),
        ("x.csv", f"prompt,seeds\nbeat,{'9' * 5_000}\n", "the seed '9"),
        ("x.csv", "prompt,seeds\nbeat," + "1-9000;" * 50, "the seed is '1-9000'"),
        ("x.csv", "prompt,roles,keys,tempos\n" + ",".join([";".join("abcdefgh" * 20)] * 4), "line"),
        ("x.yaml", f"- {{prompt: beat, bpm: 0x{'f' * 5_000}}}", "'bpm' has too large a number"),
        ("x.yaml", "- &a [x, y]\n- &b [*a, *a]\n- {prompt: [*b, *b]}\n", "loop 1 is"),
        ("x.yaml", "loops: [{prompt: [[[a]]]}]", "'prompt' has a value inside a value"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_place(tmp_path, name, text, sentence):
    path = written(tmp_path, text, name)
    if sentence is None:  # odd, and harmless
        read_pack_list(path)
        return
    with pytest.raises(LoopError, match=sentence) as raised:
        read_pack_list(path)
    assert "\n" not in str(raised.value)


def test_a_missing_list_is_reported(tmp_path):
    with pytest.raises(LoopError, match=r"'no.csv' cannot be read \(no such file"):
        read_pack_list(tmp_path / "no.csv")
