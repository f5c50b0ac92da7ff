"""Writes the configurations that older versions of transformers save, for the tests of trust.

    python -m tools.old_configurations

Published checkpoints were saved by the libraries of their time, with keys that later versions
dropped. Each version is installed into an environment of its own, without torch, and saves every
configuration that a checkpoint of ours has; the results are stored in tests/cases/configurations/.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

VERSIONS = ("4.28.1", "4.31.0", "4.33.3", "4.40.2", "4.48.3", "5.0.0", "5.23.0")
TARGET = Path(__file__).resolve().parents[1] / "tests" / "cases" / "configurations"

SAVE = r'''
import importlib, json, sys, tempfile
from pathlib import Path

CONFIGURATIONS = {
    "ClapModel": ("clap.configuration_clap", "ClapConfig"),
    "T5EncoderModel": ("t5.configuration_t5", "T5Config"),
    "VitsModel": ("vits.configuration_vits", "VitsConfig"),
    "GPT2Model": ("gpt2.configuration_gpt2", "GPT2Config"),
    "SpeechT5HifiGan": ("speecht5.configuration_speecht5", "SpeechT5HifiGanConfig"),
    "EncodecModel": ("encodec.configuration_encodec", "EncodecConfig"),
    "MusicgenForCausalLM": ("musicgen.configuration_musicgen", "MusicgenDecoderConfig"),
    "MusicgenMelodyForCausalLM": (
        "musicgen_melody.configuration_musicgen_melody", "MusicgenMelodyDecoderConfig"
    ),
    "ClapFeatureExtractor": ("clap.feature_extraction_clap", "ClapFeatureExtractor"),
    "EncodecFeatureExtractor": ("encodec.feature_extraction_encodec", "EncodecFeatureExtractor"),
}
COMPOSED = {
    "MusicgenForConditionalGeneration": (
        "musicgen.configuration_musicgen", "MusicgenConfig", "MusicgenForCausalLM"
    ),
    "MusicgenMelodyForConditionalGeneration": (
        "musicgen_melody.configuration_musicgen_melody",
        "MusicgenMelodyConfig", "MusicgenMelodyForCausalLM",
    ),
}
COMMIT = "8fa0f1c6d0433df6e97c127f64b2a1d6c0dcda8a"


def named(module, name):
    try:
        return getattr(importlib.import_module("transformers.models." + module), name)
    except ImportError:
        return None  # this version does not have it yet


def saved(value):
    """Return what a second version writes: the file is read again, as from a hub, and saved."""
    with tempfile.TemporaryDirectory() as folder:
        value.save_pretrained(folder)
        if hasattr(value, "to_diff_dict"):
            value = type(value).from_pretrained(folder, _commit_hash=COMMIT)
            value.save_pretrained(folder)
        files = list(Path(folder).glob("*.json"))
        return json.loads(files[0].read_text())


found = {}
for class_name, place in CONFIGURATIONS.items():
    kind = named(*place)
    if kind is not None:
        found[class_name] = saved(kind())
for class_name, (module, name, decoder) in COMPOSED.items():
    kind = named(module, name)
    inner = {"text_encoder": "T5EncoderModel", "audio_encoder": "EncodecModel", "decoder": decoder}
    if kind is not None:
        parts = {part: named(*CONFIGURATIONS[of])().to_dict() for part, of in inner.items()}
        found[class_name] = saved(kind(**parts))
from transformers import GenerationConfig
found["GenerationConfig"] = saved(GenerationConfig(do_sample=True, max_length=1500))
json.dump(found, sys.stdout)
'''


def main() -> int:
    """Write the configurations of every version, and return the exit code."""
    parser = argparse.ArgumentParser(prog="old_configurations", description=__doc__)
    parser.add_argument("--environments", type=Path, help="keep them here, to be used again")
    options = parser.parse_args()
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        for version in VERSIONS:
            python = environment(options.environments or Path(temporary), version)
            result = subprocess.run(  # noqa: S603 - our own script
                [python, "-c", SAVE], capture_output=True, text=True, check=True
            )
            text = json.dumps(json.loads(result.stdout), indent=1, sort_keys=True)
            (TARGET / f"transformers-{version}.json").write_text(f"{text}\n", "utf-8")
            print(version, len(json.loads(text)), "configurations")
    return 0


def environment(folder: Path, version: str) -> Path:
    """Return the Python of an environment with that version, which is made if needed."""
    place = folder / f"env-{version}"
    python = place / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", place], check=True)  # noqa: S603
        numpy = "numpy<2" if version.startswith("4.") else "numpy"
        packages = [f"transformers=={version}", numpy]
        subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True)  # noqa: S603
    return python


if __name__ == "__main__":
    sys.exit(main())
