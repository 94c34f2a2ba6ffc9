"""A judge is measured by people, and beside what needs no judge."""

import json
import os
from pathlib import Path

import pytest
from judges import ALWAYS_A, LONGEST, judge
from openai_server import Faults, OpenAIServer

import gendiv
from gendiv.benchmark.judging.people import draw_choices
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.errors import BadInput

DATA = os.environ.get("GENDIV_DATA", "")
REAL = pytest.mark.skipif(
    not (Path(DATA) / "openai").is_dir() or not DATA, reason="GENDIV_DATA holds no human preferences"
)


def scripted(reply, name="judge"):
    return Scripted(lambda text, seed: reply({"messages": [{"content": text}]}, 0), name=name)


@pytest.fixture
def choices(tmp_path):
    """Eight choices: the first answer in five, the longer one in six; two of them about the same post."""
    longer = [0, 0, 0, 0, 1, 1, 1, 0]
    chosen = [0, 0, 0, 0, 1, 1, 0, 1]
    path = tmp_path / "people.jsonl"
    rows = []
    for number, (long, choice) in enumerate(zip(longer, chosen, strict=True)):
        answers = [f"short {number}", f"short {number}"]
        answers[long] += " and longer"
        shown = f"post {min(number, 6)}"
        rows.append({"id": number, "kind": "post", "shown": shown, "answers": answers, "choice": choice})
    path.write_text("".join(json.dumps(row) + "\n\n" for row in rows))
    return path


def test_agreement_is_the_share_of_human_choices_that_the_judge_makes_too(choices):
    found = gendiv.validate_judge(scripted(LONGEST), choices)
    assert (found.people, found.of, found.agreement.cases) == (8, 8, 8)
    assert found.agreement.value == 6 / 8
    assert found.agreement_single.value == 6 / 8
    assert (found.agreement_consistent.value, found.agreement_consistent.cases) == (6 / 8, 8)
    assert found.longer.value == 6 / 8
    assert found.always_first == 5 / 8
    assert found.majority == 5 / 8
    assert found.chance == 0.5


def test_a_judge_that_always_says_a_agrees_as_a_coin_does(choices):
    found = gendiv.validate_judge(scripted(ALWAYS_A), choices)
    assert found.agreement.value == 0.5
    assert found.agreement_single.value == 0.5
    assert found.agreement_consistent is None
    assert found.trust.position_bias.value == 1
    assert found.trust.swap_consistency.value == 0


def test_in_one_random_order_it_agrees_with_people_only_by_the_draw(choices):
    found = gendiv.validate_judge(scripted(ALWAYS_A), choices, orders="random")
    assert found.trust.position_bias.value == 1
    assert found.agreement.cases == 8
    assert found.agreement_consistent is None


def test_ties_count_half_and_what_cannot_be_read_is_left_out(choices):
    def reply(shown, first, second, before):  # noqa: ARG001  a judge's signature
        return {"post 0": "tie", "post 1": "no idea"}.get(shown, "A" if len(first) > len(second) else "B")

    found = gendiv.validate_judge(scripted(judge(reply)), choices)
    assert found.undecided == 1
    assert (found.agreement.value, found.agreement.cases) == (pytest.approx((0.5 + 4) / 7), 7)


def test_choices_about_one_post_are_one_draw(choices):
    """The two choices about post 6 disagree with each other, which an interval over choices would take for noise."""
    rows = choices.read_text().splitlines()
    whole = gendiv.validate_judge(scripted(LONGEST), choices).agreement
    choices.write_text("\n".join(row.replace("post 6", f"post {6 + n}") for n, row in enumerate(rows)))
    apart = gendiv.validate_judge(scripted(LONGEST), choices).agreement
    assert whole.value == apart.value
    assert whole.low != apart.low


def test_a_seeded_sample_is_the_same_every_time_and_extends(choices):
    ids = [{one.id for one in draw_choices(choices, count, 3).drawn} for count in (3, 3, 5)]
    assert ids[0] == ids[1] < ids[2]
    assert {one.id for one in draw_choices(choices, 3, 4).drawn} != ids[0]
    assert len(draw_choices(choices, 100, 0).drawn) == 8


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"kind": "poem"}, "kind is post, article, instruction"),
        ({"answers": ["a"]}, "answers are two texts"),
        ({"answers": ["a", 2]}, "answers are two texts"),
        ({"choice": 2}, "choice is 0 or 1"),
        ({"choice": True}, "choice is 0 or 1"),
        ({"shown": None}, "shown is a text"),
    ],
)
def test_a_row_that_is_no_choice_is_refused_with_its_line(row, reason, tmp_path):
    good = {"id": 1, "kind": "post", "shown": "p", "answers": ["a", "b"], "choice": 0}
    path = tmp_path / "people.jsonl"
    path.write_text(json.dumps(good) + "\n" + json.dumps({**good, "id": 2, **row}) + "\n")
    with pytest.raises(BadInput, match=rf"people\.jsonl:2: wanted .*{reason}"):
        gendiv.validate_judge(scripted(LONGEST), path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "holds no rows"), ("{", r":1: wanted"), ("[]\n", ":1: wanted"), ('{"id": 1}\n', "KeyError")],
)
def test_a_file_without_choices_is_refused(text, reason, tmp_path):
    path = tmp_path / "people.jsonl"
    path.write_text(text)
    with pytest.raises(BadInput, match=reason):
        gendiv.validate_judge(scripted(LONGEST), path)


def test_data_that_is_not_there_is_refused(choices):
    with pytest.raises(BadInput, match=r"no data are called so: did you mean tldr\?"):
        gendiv.validate_judge(scripted(LONGEST), "tdlr")
    choices.write_text(choices.read_text() + choices.read_text())
    with pytest.raises(BadInput, match="wanted ids of their own, found 8 repeated"):
        gendiv.validate_judge(scripted(LONGEST), choices)


@REAL
@pytest.mark.parametrize(("data", "kind"), [("tldr", "Reddit"), ("cnn_dailymail", "news")])
def test_real_human_choices_reach_the_judge(data, kind):
    with OpenAIServer(Faults(reply=LONGEST)) as server:
        found = gendiv.validate_judge(server.spec, data, count=40)
        asked = [request.prompt for request in server.asked]
    wanted = "two summaries of it" if kind == "news" else "a forum post and two summaries"
    assert all(wanted in question for question in asked)
    assert found.people == 40
    assert found.agreement.value == pytest.approx(found.longer.value)
    assert 0 < found.agreement.low < found.agreement.value < found.agreement.high < 1
