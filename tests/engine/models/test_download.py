"""Downloads by the real client of the hub, in a process of its own, from a hub on loopback."""

import hashlib
import json
import os
import resource
import subprocess
import sys

import msgspec
import pytest

from engine.models.child import ChildEvent
from engine.models.errors import DamagedModel, NotDownloaded
from engine.models.fetch import DownloadSpec
from engine.models.hub import needed_files
from engine.models.store import DAMAGED, MISSING, READY, ModelStore
from tests.fakes import checkpoints
from tests.fakes.checkpoint_generator import FETCHED, HUB, WITH_CHECKPOINTS
from tests.fakes.checkpoints import safetensors, weights_file
from tests.fakes.hub import REVISION, UNET, Hub, hub_with_musicldm
from tests.fakes.waiting import until

LIMIT_S = 60
VAE = weights_file("vae")
SECOND = WITH_CHECKPOINTS.entry("second")


@pytest.fixture
def hub():
    with hub_with_musicldm(HUB) as hub:
        hub.repos[HUB] |= {"README.md": b"hello", "unet/extra.fp16.safetensors": b"x"}
        yield hub


@pytest.fixture
def store(tmp_path):
    return ModelStore(WITH_CHECKPOINTS, tmp_path / "a" / "store")


def start(store, address, entry=FETCHED, token="hf_secret", **options):
    """Start the process of one download."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "engine.models.fetch"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={
            **os.environ,
            "HF_ENDPOINT": address,
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_TOKEN": token,
            "HF_HOME": str(store.root.parent / "signed-in"),
        },
        **options,
    )
    process.stdin.write(msgspec.json.encode(DownloadSpec(entry, str(store.root))) + b"\n")
    process.stdin.flush()
    return process


def news_of(process):
    lines = process.stdout.read().splitlines()
    process.stdin.close()
    process.stdout.close()
    process.stderr.close()
    process.wait(LIMIT_S)
    return [msgspec.json.decode(line, type=ChildEvent) for line in lines]


def download(store, hub, entry=FETCHED, **options):
    """Download to the end and return the last news."""
    return news_of(start(store, hub.address, entry, **options))[-1]


def test_a_download_fetches_the_parts_of_a_checkpoint_and_nothing_else(store, hub):
    assert store.state(FETCHED) == MISSING
    news = news_of(start(store, hub.address))
    assert news[-1] == ChildEvent(done=True)
    fractions = [each.fraction for each in news[:-1]]
    assert fractions == sorted(fractions)
    assert all(0 <= fraction <= 1 for fraction in fractions)
    assert store.state(FETCHED) == READY
    model = store.find("fetched")
    assert model.revision == REVISION
    there = {p.relative_to(model.checkpoint.folder).as_posix(): p.read_bytes()
             for p in model.checkpoint.folder.rglob("*") if p.is_file()}  # fmt: skip
    needed = needed_files(hub.repos[HUB])
    assert there == {name: data for name, data in hub.repos[HUB].items() if name in needed}
    assert sorted(hub.fetched()) == sorted(there)


def test_the_manifest_contains_the_revision_and_every_hash(store, hub):
    download(store, hub)
    manifest = store.manifest("fetched")
    assert (manifest.hub, manifest.revision, manifest.licence) == (HUB, REVISION, FETCHED.licence)
    assert {file.path: (file.size, file.sha256) for file in manifest.files} == {
        name: (len(data), hashlib.sha256(data).hexdigest())
        for name, data in hub.repos[HUB].items()
        if name in needed_files(hub.repos[HUB])
    }


def test_no_token_is_sent(store, hub):
    download(store, hub)
    assert hub.headers
    assert not any("authorization" in map(str.lower, headers) for headers in hub.headers)


def test_the_token_is_sent_to_a_gated_hub_and_nowhere_else(store, hub):
    hub.gate = "hf_secret"
    assert download(store, hub) == ChildEvent(done=True)
    sent = [
        headers["Host"].partition(":")[0]
        for headers in hub.headers
        if "authorization" in map(str.lower, headers)
    ]
    assert set(sent) == {"127.0.0.1"}  # and not where the weights are
    assert len(sent) == len(hub.fetched())
    assert b"hf_secret" not in b"".join(
        path.read_bytes() for path in store.root.rglob("*.json") if path.is_file()
    )


def test_a_gated_model_without_a_token_says_what_to_do_before_the_first_byte(store, hub):
    hub.gate = "hf_secret"
    assert download(store, hub, token="").failed == (
        "Model 'fetched' could not be downloaded: its authors want its terms to be accepted; "
        f"accept them at {hub.address}/{HUB}, sign in with 'hf auth login', and try again."
    )
    assert hub.fetched() == []


def test_a_gated_model_whose_terms_are_not_accepted_is_one_sentence(store, hub):
    hub.gate = "hf_another"
    assert "access is restricted (status 403)" in download(store, hub).failed


def test_an_interrupted_connection_is_resumed(store, hub):
    hub.cut[UNET] = 1_000_000
    assert download(store, hub) == ChildEvent(done=True)
    ranges = [sent for method, name, sent in hub.requests if (method, name) == ("GET", UNET)]
    assert ranges[0] is None
    assert 0 < int(ranges[-1].removeprefix("bytes=").removesuffix("-")) <= 1_000_000
    assert store.check("fetched").revision == REVISION


def test_a_killed_download_resumes_with_the_same_revision(store, hub):
    hub.stalled[UNET] = 1_000_000
    process = start(store, hub.address)
    assert hub.reached.wait(LIMIT_S)
    part = store.home("fetched") / "partial" / "files" / f"{UNET}.part"
    until(lambda: part.exists() and part.stat().st_size > 500_000, LIMIT_S)
    process.kill()
    news_of(process)
    assert store.state(FETCHED) == MISSING
    with pytest.raises(NotDownloaded):
        store.find("fetched")
    arrived = part.stat().st_size
    hub.go_on.set()
    hub.requests.clear()
    hub.revision = "f" * 40
    assert download(store, hub) == ChildEvent(done=True)
    assert ("GET", "api", None) not in hub.requests
    assert ("GET", UNET, f"bytes={arrived}-") in hub.requests
    assert VAE not in hub.fetched()
    assert store.check("fetched").revision == REVISION


def test_without_range_support_the_file_is_sent_again(store, hub):
    hub.cut[UNET] = 1_000_000
    hub.ignores_ranges = True
    assert download(store, hub) == ChildEvent(done=True)
    assert store.check("fetched").revision == REVISION


@pytest.mark.parametrize("name", [UNET, "vae/config.json"])
def test_a_file_with_the_wrong_hash_is_refused_and_fetched_again(store, hub, name):
    data = hub.repos[HUB][name]
    hub.swapped[name] = data[:-1] + bytes([data[-1] ^ 1])
    news = download(store, hub)
    assert news.failed == (
        f"Model 'fetched' could not be downloaded: {name} does not have the hash that the hub "
        "declares; try again: the other files are kept."
    )
    assert store.state(FETCHED) == MISSING
    hub.swapped.clear()
    hub.requests.clear()
    assert download(store, hub) == ChildEvent(done=True)
    assert name in hub.fetched()


def test_surplus_bytes_are_not_accepted(store, hub):
    hub.swapped[UNET] = hub.repos[HUB][UNET] + bytes(1_000_000)
    news = download(store, hub)
    assert f"the hub sends more bytes of {UNET} than it declares" in news.failed
    files = store.home("fetched") / "partial" / "files"
    largest = max(path.stat().st_size for path in files.rglob("*") if path.is_file())
    assert largest <= len(hub.repos[HUB][UNET])


@pytest.mark.parametrize(
    ("place", "status", "words"),
    [
        (UNET, 404, "does not have it, or access is restricted (status 404)"),
        (UNET, 403, "status 403"),
        (UNET, 500, "the hub answered with status 500"),
        ("vae/config.json", 503, "the hub answered with status 503"),
        ("api", 404, "check the model's page"),
        ("api", 401, "check the model's page"),
        ("api", 500, "the hub answered with status 500"),
    ],
)
def test_a_refusal_by_the_hub_is_one_sentence(store, hub, place, status, words):
    hub.status[place] = status
    news = download(store, hub)
    assert words in news.failed
    assert news.failed.startswith("Model 'fetched' could not be downloaded: ")
    assert news.failed.count("\n") == 0
    assert store.state(FETCHED) == MISSING
    hub.status.clear()
    assert download(store, hub) == ChildEvent(done=True)


@pytest.mark.parametrize("place", ["api", UNET, "vae/config.json"])
def test_a_web_page_instead_of_json_is_reported_and_not_kept(store, hub, place):
    hub.pages.add(place)
    news = download(store, hub)
    assert "the network sends a web page instead of the hub's answer" in news.failed
    assert "sign in" in news.failed
    hub.pages.clear()
    assert download(store, hub) == ChildEvent(done=True)


@pytest.mark.parametrize("place", ["api", UNET])
@pytest.mark.parametrize(
    "headers", [{"Retry-After": "3600"}, {"ratelimit": '"resolvers";r=0;t=3541'}]
)
def test_a_long_retry_delay_is_not_waited_for(store, hub, place, headers):
    hub.busy[place] = [headers]
    news = download(store, hub)
    assert "the hub is busy and asks to wait 60 minutes; then try again" in news.failed
    assert download(store, hub) == ChildEvent(done=True)


def test_a_short_retry_delay_is_announced_and_waited_for(store, hub):
    hub.busy[UNET] = [{"Retry-After": "1"}]
    news = news_of(start(store, hub.address))
    assert news[-1] == ChildEvent(done=True)
    assert "waiting 1 s, as the hub asks" in [each.stage for each in news]


def test_a_busy_hub_without_a_retry_delay_is_one_sentence(store, hub):
    hub.busy["api"] = [{"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}]
    assert "the hub is busy (status 429); wait some minutes" in download(store, hub).failed


def test_a_hub_that_never_completes_a_file_is_given_up(store, hub):
    hub.always_cut[UNET] = 1_000_000
    hub.ignores_ranges = True
    news = download(store, hub)
    assert f"the hub sends {UNET} from its beginning each time; try again" in news.failed
    assert hub.fetched().count(UNET) == 5
    hub.always_cut.clear()
    assert download(store, hub) == ChildEvent(done=True)


def test_a_hub_that_ignores_a_range_costs_one_attempt(store, hub):
    hub.cut[UNET] = 1_000_000
    hub.starts_over.add(UNET)
    assert f"the hub sends more bytes of {UNET} than it declares" in download(store, hub).failed
    assert download(store, hub) == ChildEvent(done=True)


def test_an_unreachable_hub_is_one_sentence(store):
    with Hub() as gone:
        address = gone.address
    news = news_of(start(store, address))[-1]
    assert "could not be downloaded: the connection failed" in news.failed


def test_too_small_a_disk_is_detected_before_the_first_byte(store, hub):
    hub.declared[UNET] = 10**15
    news = download(store, hub)
    assert news.failed.startswith("Model 'fetched' needs 1000000.1 GB more on the disk, and ")
    assert "LOOPWRIGHT_MODELS" in news.failed
    assert hub.fetched() == []


def test_a_disk_that_fills_up_is_one_sentence_and_partial_files_are_kept(store, hub):
    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))

    news = download(store, hub, preexec_fn=small_files)
    assert "file too large" in news.failed
    assert "fix that and try again" in news.failed
    assert store.state(FETCHED) == MISSING
    hub.requests.clear()
    assert download(store, hub) == ChildEvent(done=True)
    assert VAE not in hub.fetched()


def test_an_unwritable_store_is_one_sentence(tmp_path, hub):
    (tmp_path / "file").write_text("")
    news = download(ModelStore(WITH_CHECKPOINTS, tmp_path / "file"), hub)
    assert "not a directory" in news.failed or "file exists" in news.failed


def test_an_untrusted_checkpoint_is_not_kept(store, hub):
    config = json.loads(hub.repos[HUB]["vae/config.json"]) | {"auto_map": {"AutoModel": "evil.M"}}
    hub.repos[HUB]["vae/config.json"] = json.dumps(config).encode()
    news = download(store, hub)
    assert "vae/config.json has the key 'auto_map', which may lead to code" in news.failed
    assert [path for path in store.root.rglob("*.json") if path.is_file()] == []


@pytest.mark.parametrize("name", ["unet/diffusion_pytorch_model.ckpt", "vocoder/model.h5"])
def test_weights_in_no_known_form_are_refused_before_the_first_byte(store, hub, name):
    part = name.partition("/")[0]
    hub.repos[HUB] = {
        file: data
        for file, data in hub.repos[HUB].items()
        if not (file.startswith(f"{part}/") and file.endswith(".safetensors"))
    } | {name: b"pickle"}
    news = download(store, hub)
    assert f"{name} is the only form of these weights" in news.failed
    assert hub.fetched() == []


@pytest.mark.parametrize("name", [UNET, "vae/config.json"])
def test_a_file_without_a_declared_hash_is_refused_before_the_first_byte(store, hub, name):
    hub.hashless.add(name)
    assert f"the hub declares no hash for {name}" in download(store, hub).failed
    assert hub.fetched() == []


@pytest.mark.parametrize(
    "name",
    [
        "unet/model.bin", "unet/model.pt", "unet/model.ckpt", "unet/model.pkl", "unet/model.py",
        "../evil.json", "unet/../../evil.json", "/etc/evil.json", "evil/config.json", "README.md",
        "unet/.hidden.json", "unet/deep/config.json", "config.json", "unet/model.fp16.safetensors",
        "unet/a b.json", "unet/config.json\n", "unet\\config.json", "",
    ],
)  # fmt: skip
def test_only_listed_files_are_ever_requested(name):
    files = set(checkpoints.musicldm())
    assert needed_files({*files, name}) == files


def test_shared_files_are_stored_once_and_survive_the_removal_of_one_model(store, hub):
    download(store, hub)
    hub.requests.clear()
    hub.repos[SECOND.hub] = dict(hub.repos[HUB]) | {UNET: safetensors({"other": (64, 100)})}
    assert download(store, hub, SECOND) == ChildEvent(done=True)
    assert [name for name in hub.fetched() if name.endswith(".safetensors")] == [UNET]
    manifest = store.manifest("second")
    assert set(manifest.shared.values()) == {"fetched"}
    assert VAE in manifest.shared
    places = [store.home(model) / "checkpoint" / VAE for model in ("fetched", "second")]
    assert places[0].samefile(places[1])
    freed = store.remove("fetched")
    assert freed < 2_000_000
    assert store.state(FETCHED) == MISSING
    assert store.check("second").revision == REVISION


@pytest.mark.hold(14)
def test_a_flipped_byte_is_refused_wherever_it_is(store, hub, hold):
    download(store, hub)
    dice, count = hold.dice(), hold.count(100, 100)
    hold.figure(14, f"{count} flipped bytes: {count} refused")
    manifest = store.manifest("fetched")
    for _ in range(count):
        file = dice.choice(manifest.files)
        path = store.home("fetched") / "checkpoint" / file.path
        whole = path.read_bytes()
        place = dice.randrange(len(whole))
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << dice.randrange(8)])
                         + whole[place + 1:])  # fmt: skip
        with pytest.raises(DamagedModel) as caught:
            store.find("fetched")
        assert caught.value.file == file.path
        assert f"{file.path} has changed since it was downloaded" in str(caught.value)
        path.write_bytes(whole)
        store.find("fetched")


@pytest.mark.parametrize("damage", ["missing", "short", "flipped", "manifest"])
def test_downloading_again_repairs_only_damaged_files(store, hub, damage):
    download(store, hub)
    path = store.home("fetched") / "checkpoint" / UNET
    whole = path.read_bytes()
    if damage == "missing":
        path.unlink()
    elif damage == "short":
        path.write_bytes(whole[:-5])
    elif damage == "flipped":
        path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    else:
        (store.home("fetched") / "manifest.json").write_bytes(b"{")
    assert store.state(FETCHED) == (READY if damage == "flipped" else DAMAGED)
    with pytest.raises(DamagedModel, match="repair it with 'loopwright models download fetched'"):
        store.check("fetched")
    hub.requests.clear()
    assert download(store, hub) == ChildEvent(done=True)
    if damage != "manifest":
        assert [name for name in hub.fetched() if name.endswith(".safetensors")] == [UNET]
    assert path.read_bytes() == whole
    store.check("fetched")


def test_a_downloaded_model_is_not_requested_again(store, hub):
    download(store, hub)
    hub.requests.clear()
    assert download(store, hub) == ChildEvent(done=True)
    assert hub.requests == []


def test_concurrent_downloads_of_one_model_do_not_collide(store, hub):
    hub.stalled[UNET] = 0
    first = start(store, hub.address)
    assert hub.reached.wait(LIMIT_S)
    assert "it is already being downloaded" in download(store, hub).failed
    hub.go_on.set()
    assert news_of(first)[-1] == ChildEvent(done=True)


def test_a_download_ends_with_its_parent_process(store, hub):
    hub.stalled[UNET] = 0
    process = start(store, hub.address)
    assert hub.reached.wait(LIMIT_S)
    process.stdin.close()
    assert process.wait(LIMIT_S) == 1
    process.stdout.close()
    process.stderr.close()
