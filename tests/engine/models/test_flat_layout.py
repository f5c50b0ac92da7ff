"""Flat folders that a stranger has made: the bad ones refused, and the published ones taken."""

import json

import pytest

from engine.models.errors import UntrustedFolder
from engine.models.trust import check_folder
from tests.engine.models.test_trust import CODE, CODE_KEYS, FORBIDDEN_FILES, HEADER_CASES, PICKLE
from tests.fakes import checkpoints
from tests.fakes.checkpoints import safetensors, write

CONFIG = "config.json"
PARTS = ("text_encoder", "audio_encoder", "decoder")
KINDS = {
    "text": {},
    "stereo": {"channels": 2},
    "melody": {"melody": True},
    "stereo-melody": {"melody": True, "channels": 2},
}


def changed(file=CONFIG, part=None, **values):
    """Return a change of a JSON file, or of what it says of one part."""

    def change(files):
        data = json.loads(files[file])
        (data if part is None else data[part]).update(values)
        files[file] = json.dumps(data).encode()

    return change


def put(name, data):
    return lambda files: files.update({name: data})


def without(name):
    return lambda files: files.pop(name)


def weights_of(*parts):
    """Return a change that leaves weights of these parts alone."""
    tensors = {f"{part}.{number}": (16, 64) for part in parts for number in range(8)}
    return put("model.safetensors", safetensors(tensors))


def index_of_shards(*names):
    def change(files):
        files["other.safetensors"] = files.pop("model.safetensors")
        table = {"weight_map": {str(number): name for number, name in enumerate(names)}}
        files["model.safetensors.index.json"] = json.dumps(table).encode()

    return change


TOKENIZER, EXTRACTOR = "tokenizer_config.json", "preprocessor_config.json"
REASONS = {
    "no architecture": (changed(architectures=None), CONFIG, "names the architecture None"),
    "another architecture": (
        changed(architectures=["LlamaForCausalLM"]), CONFIG,
        "names the architecture ['LlamaForCausalLM'], not MusicgenForConditionalGeneration, Mus",
    ),
    "a pipeline": (changed(architectures=["MusicLDMPipeline"]), CONFIG, "names the architecture"),
    "two architectures": (
        changed(architectures=["MusicgenForConditionalGeneration"] * 2), CONFIG, "architecture",
    ),
    "architecture is a table": (changed(architectures=[{}]), CONFIG, "names the architecture"),
    "architecture is a text": (
        changed(architectures="MusicgenForConditionalGeneration"), CONFIG, "architecture",
    ),
    "type of the model": (
        changed(model_type="llama"), CONFIG, "names the type 'llama', not 'musicgen'",
    ),
    "type of melody": (changed(model_type="musicgen_melody"), CONFIG, "not 'musicgen'"),
    "type of the text encoder": (
        changed(part="text_encoder", model_type="lightglue"), CONFIG,
        "names the type 'lightglue' as 'text_encoder', not 't5'",
    ),
    "type of the codec": (
        changed(part="audio_encoder", model_type="dac"), CONFIG, "as 'audio_encoder'",
    ),
    "no type of the codec": (
        changed(part="audio_encoder", model_type=None), CONFIG, "names the type None",
    ),
    "decoder of melody": (
        changed(part="decoder", model_type="musicgen_melody_decoder"), CONFIG, "as 'decoder'",
    ),
    "codec is a name": (
        changed(audio_encoder="facebook/encodec_32khz"), CONFIG,
        "has 'facebook/encodec_32khz' as 'audio_encoder', which does not describe a model",
    ),
    "no decoder": (changed(decoder=None), CONFIG, "has None as 'decoder'"),
    "a part more": (changed(vocoder={"model_type": "hifigan"}), CONFIG, "has the key 'vocoder'"),
    "key of another part": (
        changed(part="decoder", feed_forward_proj="relu"), CONFIG, "key 'feed_forward_proj'",
    ),
    "key of a part outside": (changed(norm_type="weight_norm"), CONFIG, "has the key 'norm_type'"),
    "no weights of the codec": (
        weights_of("text_encoder", "decoder"), CONFIG,
        "describes a model as 'audio_encoder' that has no weights",
    ),
    "wide text": (
        changed(part="text_encoder", d_model=65), CONFIG,
        "has 65 as 'd_model', which does not match its weights",
    ),
    "wide decoder": (changed(part="decoder", hidden_size=4_096), CONFIG, "as 'hidden_size'"),
    "large vocabulary": (changed(part="decoder", vocab_size=10**9), CONFIG, "as 'vocab_size'"),
    "deep decoder": (changed(part="decoder", num_hidden_layers=9), CONFIG, "'num_hidden_layers'"),
    "many codebooks": (changed(part="decoder", num_codebooks=99), CONFIG, "as 'num_codebooks'"),
    "wide codec": (changed(part="audio_encoder", num_filters=512), CONFIG, "as 'num_filters'"),
    "codes": (changed(part="audio_encoder", codebook_size=10**5), CONFIG, "as 'codebook_size'"),
    "deep codec": (changed(part="audio_encoder", num_lstm_layers=99), CONFIG, "num_lstm_layers"),
    "ratios": (
        changed(part="audio_encoder", upsampling_ratios=[10**5]), CONFIG, "more than any model",
    ),
    "kernel": (changed(part="audio_encoder", kernel_size=10**5), CONFIG, "more than any model"),
    "rate": (
        changed(part="audio_encoder", sampling_rate=1), CONFIG,
        "has 1 as 'sampling_rate', not 8,000 to 96,000",
    ),
    "rate is a text": (changed(part="audio_encoder", sampling_rate="x"), CONFIG, "sampling_rate"),
    "channels": (
        changed(part="decoder", audio_channels=3), CONFIG, "has 3 as 'audio_channels', not 1 to 2",
    ),
    "channels are true": (changed(part="decoder", audio_channels=True), CONFIG, "has True as"),
    "layers are a text": (changed(part="decoder", num_hidden_layers="1"), CONFIG, "has '1' as"),
    "tokenizer": (
        changed(TOKENIZER, tokenizer_class="RobertaTokenizer"), TOKENIZER,
        "names the class 'RobertaTokenizer' as 'tokenizer_class'",
    ),
    "tokenizer is a list": (changed(TOKENIZER, tokenizer_class=["T5Tokenizer"]), TOKENIZER, "as"),
    "chat template": (changed(TOKENIZER, chat_template="{{ evil }}"), TOKENIZER, "chat_template"),
    "extractor": (
        changed(EXTRACTOR, feature_extractor_type="MusicgenMelodyFeatureExtractor"), EXTRACTOR,
        "names the class 'MusicgenMelodyFeatureExtractor' as 'feature_extractor_type'",
    ),
    "processor": (changed(EXTRACTOR, processor_class="Evil"), EXTRACTOR, "names the class 'Evil'"),
    "no tokenizer": (without(TOKENIZER), TOKENIZER, "is missing"),
    "no extractor": (without(EXTRACTOR), EXTRACTOR, "is missing"),
    "no weights": (without("model.safetensors"), "model.safetensors", "is missing"),
    "no config": (
        without(CONFIG), "model_index.json",
        "is missing, and so are config.json and model_config.json",
    ),
    "config is a list": (put(CONFIG, b"[]"), CONFIG, "is not a JSON object"),
    "config is nested": (put(CONFIG, b'{"a":' * 100_000), CONFIG, "is not a JSON object"),
    "huge config": (put(CONFIG, b" " * 2_000_000 + b"{}"), CONFIG, "has more than 1,048,576 bytes"),
    "tokenizer key": (put("tokenizer.json", b'{"evil": 1}'), "tokenizer.json", "unknown key"),
    "unknown JSON": (put("evil.json", b"{}"), "evil.json", "is not known in a checkpoint"),
    "scheduler": (put("scheduler_config.json", b"{}"), "scheduler_config.json", "is not known"),
    "stray config": (put("onnx/config.json", b"{}"), "onnx/config.json", "belongs to no part"),
    "stray weights": (
        put("x/model.safetensors", safetensors({"a": (1,)})), "x/model.safetensors", "belongs",
    ),
    "generation": (
        changed("generation_config.json", mark="evil"), "generation_config.json", "the key 'mark'",
    ),
    "shard leads out": (
        index_of_shards("../evil.safetensors"),
        "model.safetensors.index.json",
        "not in the same folder",
    ),
    "shard is code": (
        index_of_shards("config.json"), "model.safetensors.index.json", "not .safetensors",
    ),
}  # fmt: skip
OTHERS = {
    **{f"file: {name}": put(name, CODE) for name in FORBIDDEN_FILES},
    **{f"published: {name}": put(name, PICKLE) for name in
       ("pytorch_model.bin", "state_dict.bin", "compression_state_dict.bin")},
    **{f"weights: {name}": put("model.safetensors", data) for name, data in HEADER_CASES.items()},
    **{
        f"key of {part or file}: {key} {number}": changed(file, part, **{key: value})
        for file, part in [*((CONFIG, part) for part in (None, *PARTS)), (TOKENIZER, None),
                           (EXTRACTOR, None)]
        for number, (key, value) in enumerate(CODE_KEYS)
    },
}  # fmt: skip


def refusal(tmp_path, change, **options):
    """Return why a folder is refused, after nothing in it has run."""
    files = checkpoints.musicgen(**options)
    change(files)
    folder = write(tmp_path / "model", files)
    with pytest.raises(UntrustedFolder) as caught:
        check_folder(folder)
    assert str(caught.value).startswith(f"Folder {folder} is not used as a model: ")
    return caught.value


@pytest.mark.parametrize("case", REASONS)
def test_problems_name_the_file_and_the_reason(tmp_path, case):
    change, file, words = REASONS[case]
    refused = refusal(tmp_path, change)
    assert refused.file == file
    assert words in refused.reason
    assert f": {file} {refused.reason}" in str(refused)


@pytest.mark.parametrize("case", OTHERS)
def test_a_malicious_flat_folder_is_refused_and_nothing_in_it_runs(tmp_path, case, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refusal(tmp_path, OTHERS[case])
    assert not (tmp_path / "canary").exists()


def test_a_melody_checkpoint_is_checked_by_its_own_classes(tmp_path):
    change = changed(EXTRACTOR, feature_extractor_type="EncodecFeatureExtractor")
    assert "EncodecFeatureExtractor" in refusal(tmp_path, change, melody=True).reason


@pytest.mark.parametrize("kind", KINDS)
def test_a_flat_folder_in_the_published_layout_is_accepted(tmp_path, kind):
    options = KINDS[kind]
    extra = {"README.md": b"hello", ".gitattributes": b"", "assets/more.md": b"x"}
    found = check_folder(write(tmp_path / "model", checkpoints.musicgen(**options) | extra))
    assert found.family == ("musicgen-melody" if "melody" in options else "musicgen")
    assert found.generator == "engine.generators.musicgen.generator:MusicGenGenerator"
    assert (found.sample_rate, found.channels) == (32_000, options.get("channels", 1))
    assert found.parameters == found.parts["model"].parameters == 3 * 8 * 16 * 64
    assert found.parts["tokenizer"].class_name == "T5Tokenizer"
    assert set(found.files) == set(checkpoints.musicgen())


@pytest.mark.parametrize("kind", KINDS)
def test_folders_written_by_the_library_are_accepted(tmp_path, kind):
    from tests.fakes.tiny_checkpoints import write_musicgen

    options = KINDS[kind]
    folder = write_musicgen(
        tmp_path / "model", melody="melody" in options, stereo="channels" in options
    )
    found = check_folder(folder)
    assert (found.sample_rate, found.channels) == (32_000, options.get("channels", 1))
    assert 300_000 < found.parameters < 600_000


def test_shards_are_counted_together_whatever_they_contain(tmp_path):
    from tests.fakes.random_musicgen import TINY, musicgen_parts, write_musicgen

    parts = musicgen_parts(TINY)
    whole = check_folder(write_musicgen(tmp_path / "whole", parts))
    shards = check_folder(write_musicgen(tmp_path / "shards", parts, largest_file="600KB"))
    assert len([name for name in shards.files if name.endswith(".safetensors")]) > 1
    assert shards.parameters == whole.parameters


@pytest.mark.parametrize(
    ("class_name", "extra"),
    [
        ("T5EncoderModel", set()),
        ("EncodecModel", set()),
        ("MusicgenForCausalLM", set()),
        ("MusicgenMelodyForCausalLM", set()),
        ("MusicgenForConditionalGeneration", set(PARTS)),
        ("MusicgenMelodyForConditionalGeneration", set(PARTS)),
    ],
)
def test_the_allowed_keys_are_those_of_the_librarys_configurations(class_name, extra):
    from transformers.models.encodec.configuration_encodec import EncodecConfig
    from transformers.models.musicgen import configuration_musicgen as text
    from transformers.models.musicgen_melody import configuration_musicgen_melody as melody
    from transformers.models.t5.configuration_t5 import T5Config

    from engine.generators.quiet_libraries import quiet_libraries
    from engine.models.families import families

    config = {
        "T5EncoderModel": T5Config,
        "EncodecModel": EncodecConfig,
        "MusicgenForCausalLM": text.MusicgenDecoderConfig,
        "MusicgenMelodyForCausalLM": melody.MusicgenMelodyDecoderConfig,
        "MusicgenForConditionalGeneration": text.MusicgenConfig,
        "MusicgenMelodyForConditionalGeneration": melody.MusicgenMelodyConfig,
    }[class_name]
    with quiet_libraries():  # Of a token of its own that lies behind the vocabulary, it warns.
        made = config()
    allowed = {each.name: each for family in families() for each in family.classes}[class_name]
    assert set(made.to_dict()) - allowed.keys == extra
