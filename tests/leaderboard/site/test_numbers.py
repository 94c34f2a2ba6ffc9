"""The numbers of a board's site: ranks, planes, similarities; each counted by hand."""

import numpy as np
import pytest
from scipy.stats import norm
from synthetic_submissions import result, submission, write, write_sums

from gendiv.benchmark.intervals import Estimate
from gendiv.leaderboard.site.entry import entries
from gendiv.leaderboard.site.planes import front, planes_of
from gendiv.leaderboard.site.ranks import bounds, ranks
from gendiv.leaderboard.site.similarity import maps_of_split, scaled, similarities
from gendiv.leaderboard.site.slugs import identifier, numbered, slug
from gendiv.leaderboard.site.views import views_of
from gendiv.leaderboard.submissions.standing import Checks, Verified
from gendiv.leaderboard.submissions.sums import Sums

ID, FAR = "summarisation/tldr", "summarisation/cnn_dailymail"


def with_results(root, number, results, **rest):
    made = submission(root, number, splits=[ID, FAR], **rest)
    scores = made.scores.model_copy(update={"results": tuple(results)})
    return type(made)(made.folder, made.card, made.record, scores, made.card_hash)


def known(submissions, checks=None):
    found, broken = entries(submissions, checks)
    assert not broken
    return found


def sure(*values):
    return [Estimate(value, 0.01, 1000) for value in values]


def test_ranks_say_how_far_each_model_can_be_placed():
    # Joint intervals of four reach about 2.5 x 0.01 to each side: 0.50 and 0.54 overlap, the others stand apart.
    assert ranks(sure(0.9, 0.5, 0.54, 0.1), "higher_is_better") == [(1, 1), (2, 3), (2, 3), (4, 4)]


def test_where_less_is_more_diverse_the_lowest_is_first():
    assert ranks(sure(0.9, 0.5, 0.1), "lower_is_more_diverse") == [(3, 3), (2, 2), (1, 1)]


@pytest.mark.parametrize("direction", ["neutral", None])
def test_a_metric_without_direction_has_no_ranks(direction):
    assert ranks(sure(0.9, 0.1), direction) == [None, None]


def test_a_model_without_an_error_could_stand_anywhere_and_takes_nobodys_place():
    found = ranks([*sure(0.9, 0.1), Estimate(0.5, None, 0), None], "higher_is_better", (0.0, 1.0))
    assert found == [(1, 2), (2, 3), (1, 3), None]


def test_the_intervals_of_a_table_hold_together_by_bonferroni():
    found = bounds([Estimate(0.5, 0.01, 1e9)] * 20)
    assert found.high == pytest.approx([0.5 + 0.01 * norm.ppf(1 - 0.05 / 20 / 2)] * 20, abs=1e-7)


def test_intervals_stay_within_the_range_of_the_metric():
    found = bounds([Estimate(0.99, 0.1, 10)], (0.0, 1.0))
    assert found.high.tolist() == [1.0]


def test_ranks_cover_the_true_ranks_of_all_models_together():
    """With true values a step of one error apart, 95% or more of draws have every true rank in its range."""
    generator, truth, held = np.random.default_rng(1), np.arange(8) * 0.01, 0
    for _ in range(200):
        drawn = [Estimate(value, 0.01, 1e9) for value in generator.normal(truth, 0.01)]
        found = ranks(drawn, "higher_is_better")
        held += all(first <= rank <= last for (first, last), rank in zip(found, range(8, 0, -1), strict=True))
    assert held >= 190


def test_numbers_of_two_signatures_are_never_in_one_view(tmp_path):
    one = with_results(tmp_path, 0, [result(FAR, "ead", "per_input", 0.5, samples=16)])
    other = with_results(tmp_path, 1, [result(FAR, "ead", "per_input", 0.5, samples=8)])
    third = with_results(tmp_path, 2, [result(FAR, "ead", "per_input", 0.6, samples=8)])
    found = views_of(known([one, other, third]))
    assert [view.columns()["model"] for view in found] == [[1, 2], [0]]
    assert "|k=8|" in found[0].signature
    assert found[0].columns()["first"] == [2, 1]


def test_an_unknown_metric_is_shown_without_rank(tmp_path):
    foreign = result(FAR, "ead", "per_input", 0.5)
    foreign = foreign.model_copy(
        update={"metric": "sparkle", "signature": foreign.signature.replace("ead:", "sparkle:")}
    )
    (view,) = views_of(known([with_results(tmp_path, 0, [foreign])]))
    assert (view.described()["direction"], view.columns()["first"], view.columns()["value"]) == (None, [None], [0.5])


def test_a_number_is_self_reported_unless_the_card_is_the_one_that_was_checked(tmp_path):
    made = [write(submission(tmp_path, number, 2)) for number in range(3)]
    key = f"{made[0].scores.results[0].split}|{made[0].scores.results[0].signature}"
    checks = Checks(
        gendiv="0",
        refused=(),
        verified=(
            Verified(submission=made[0].name, card=made[0].card_hash, standings={key: "recomputed"}),
            Verified(submission=made[1].name, card="0" * 64, standings={key: "regenerated"}),
        ),
    )
    first, second, third = known(made, checks)
    assert [first.standing(one) for one in first.results[:2]] == [1, 0]
    assert second.standing(second.results[0]) == 0 and "changed" in second.remark
    assert third.standing(third.results[0]) == 0 and third.remark is None


def test_results_that_say_two_things_of_themselves_are_refused(tmp_path):
    good = result(FAR, "ead", "per_input", 0.5)
    bad = [
        good.model_copy(update={"metric": "rouge"}),
        good.model_copy(update={"split": "nowhere/at-all"}),
        good.model_copy(update={"signature": "best of all"}),
        good.model_copy(update={"value": float("nan")}),
        result(FAR, "distinct", "per_input", 0.5).model_copy(update={"value": 7.0}),
        good.model_copy(update={"freedom": 0.0}),
    ]
    found, broken = entries([with_results(tmp_path, n, [one]) for n, one in enumerate(bad)], None)
    assert (found, len(broken)) == ([], len(bad))
    assert all(reason.startswith("scores.json: ") for reason in broken.values())


def scored(root, number, diversity, quality, at_home):
    return with_results(
        root,
        number,
        [
            result(FAR, "ead", "per_input", diversity, samples=8),
            result(FAR, "rouge", "per_input", quality, samples=8),
            result(ID, "rouge", "per_input", at_home, samples=8),
        ],
    )


def test_planes_show_quality_and_what_is_left_of_it_against_diversity(tmp_path):
    planes = planes_of(known([scored(tmp_path, 0, 0.5, 0.30, 0.40), scored(tmp_path, 1, 0.6, 0.25, 0.26)]))
    by_label = {plane.y.label: plane for plane in planes}
    assert list(by_label) == ["rouge out of distribution", "minus the gap of rouge from tldr"]
    quality, gap = (plane.columns() for plane in by_label.values())
    assert (quality["x"], quality["y"], quality["front"]) == ([0.5, 0.6], [0.30, 0.25], [1, 1])
    assert gap["y"] == pytest.approx([-0.10, -0.01]) and gap["front"] == [0, 1]
    reach = norm.ppf(0.975) * np.hypot(0.01, 0.01)
    assert gap["y_high"][0] == pytest.approx(-0.10 + reach, abs=2e-4)


def test_what_is_lower_for_more_diverse_stands_with_a_minus(tmp_path):
    made = [
        with_results(
            tmp_path, n, [result(FAR, "self_bleu", "per_input", value), result(FAR, "rouge", "per_input", 0.3)]
        )
        for n, value in enumerate((0.2, 0.7))
    ]
    (plane,) = planes_of(known(made))
    assert plane.x.label == "minus self_bleu (diversity)"
    assert plane.columns()["x"] == [-0.2, -0.7] and plane.columns()["x_low"][0] < -0.2 < plane.columns()["x_high"][0]


def test_without_quality_there_is_no_plane(tmp_path):
    made = [with_results(tmp_path, n, [result(FAR, "ead", "per_input", 0.5)]) for n in range(2)]
    assert planes_of(known(made)) == []


def test_the_front_is_what_no_point_dominates():
    generator = np.random.default_rng(3)
    x, y = generator.integers(0, 12, (2, 60)).astype(float)
    points = list(zip(x, y, strict=True))
    by_hand = [not any(a >= x0 and b >= y0 and (a, b) != (x0, y0) for a, b in points) for x0, y0 in points]
    assert front(x, y) == by_hand and 0 < sum(by_hand) < 60


def sums(prompts, counts, vectors):
    return Sums(tuple(prompts), np.array(counts), np.array(vectors, dtype=np.float32), "by hand")


def test_similarities_are_mean_cosines_of_samples():
    """Two prompts, two samples each: a says east twice and then north and east; b says north twice, and north alone."""
    a = sums("pq", [2, 2], [[2, 0], [1, 1]])
    b = sums("pq", [2, 1], [[0, 2], [0, 1]])
    # a with b: p 0, q (1,1).(0,1)/(2 x 1) = 1/2. a with itself: p 1, q (2 - 2)/2 = 0. b with itself: p 1; q is no pair.
    assert similarities([a, b], "pq").tolist() == [[0.5, 0.25], [0.25, 1.0]]


def test_only_common_prompts_count():
    a = sums("pq", [2, 2], [[2, 0], [0, 2]])
    b = sums("qr", [2, 2], [[0, 2], [2, 0]])
    assert similarities([a, b], "pqr")[0, 1] == 1.0


def test_models_that_draw_alike_have_one_place_and_distances_are_those_of_the_similarities():
    # Directions east, east, north, and half way between: squared distances 0, 2, 2 - sqrt(2), ...
    points = np.array([[1, 0], [1, 0], [0, 1], [np.sqrt(0.5), np.sqrt(0.5)]])
    places = scaled(points @ points.T)
    distances = np.linalg.norm(places[:, None] - places[None], axis=2)
    assert distances == pytest.approx(np.linalg.norm(points[:, None] - points[None], axis=2), abs=1e-9)


def test_a_map_holds_those_who_answered_the_same_prompts(tmp_path):
    made = [submission(tmp_path, number, 1, samples=2) for number in range(5)]
    split = made[0].record.splits[0]
    other = made[3].record.model_copy(update={"splits": (split.model_copy(update={"content": "f" * 64}),)})
    made[3] = type(made[3])(made[3].folder, made[3].card, other, made[3].scores)
    for one, vector in zip(made[:4], ([2, 0], [0, 2], [1.9, 0.1], [2, 0]), strict=True):
        write_sums(one, split.name, {"p": vector, "q": vector}, samples=2)
    write_sums(made[4], split.name, {"p": [3, 0], "q": [2, 0]}, samples=2)
    (found,), unusable = maps_of_split(split.name, known(made))
    assert [entry.index for entry in found.entries] == [0, 1, 2]
    assert found.nearest(0) == [(found.entries[2], pytest.approx(0.95)), (found.entries[1], 0.0)]
    assert list(unusable) == [made[4].name] and "longer than" in unusable[made[4].name]
    assert found.columns()["nearest"][1] == [[2, 0.05], [0, 0.0]]


def test_a_map_rests_on_so_many_prompts_and_leaves_out_single_samples_and_those_who_answered_few(tmp_path):
    made = [submission(tmp_path, number, 1, samples=2) for number in range(4)]
    split = made[0].record.splits[0].name
    names = [f"{number:03}" for number in range(120)]
    for one in made[:2]:
        write_sums(one, split, {name: [2, 0] for name in names}, samples=2)
    write_sums(made[2], split, {name: [1, 0] for name in names}, samples=1)
    write_sums(made[3], split, {name: [2, 0] for name in names[:50]}, samples=2)
    (found,), unusable = maps_of_split(split, known(made))
    assert [entry.index for entry in found.entries] == [0, 1] and not unusable
    assert found.described()["prompts"] == 100


def test_files_have_safe_names_that_no_other_thing_has():
    names = ["a/b/c", "A/b/c", "a--b/c", "a/b--c", "../..", "con", "x" * 300, "é", "", "a b", "a.b", "index"]
    for make in (slug, numbered):
        made = [make(name) for name in names if make is numbered or "--" not in name]
        assert len(set(map(str.lower, made))) == len(made)
        assert all(len(one) < 100 and not one.startswith(".") and set(one) <= set(ALLOWED) for one in made)
    assert numbered("index") != "index"
    assert identifier("a", "bc") != identifier("ab", "c")


ALLOWED = "abcdefghijklmnopqrstuvwxyz0123456789._-"
