"""Values measured on the published code, for sets of texts on which its tokeniser and the corrected one agree."""

FRUIT = ["apples", "bananas", "oranges"]
LIKE, LOVE, MUNCH = (
    [f"I {verb} {fruit}." for fruit in FRUIT] for verb in ("like to eat", "love to eat", "love muching on")
)
TOY = ["i am going", "i am going", "lets go i i"]


def words(count: int, start: int = 0) -> str:
    return " ".join(f"w{i}" for i in range(start, start + count))


MEASURED = [
    # The set, EAD at V = 50257 and at V = 32000, distinct, and how many of n = 1..5 some text of the set reaches.
    (LIKE, 0.6378211785884894, 0.6378459415977507, 0.6377777777777778, 5),
    (LOVE, 0.6378211785884894, 0.6378459415977507, 0.6377777777777778, 5),
    (MUNCH, 0.6378211785884894, 0.6378459415977507, 0.6377777777777778, 5),
    (LIKE + LOVE + MUNCH, 0.538994964957481, None, 0.5388888888888889, 5),
    ([LIKE[0], LOVE[0], MUNCH[0]], 0.8345037971855376, None, 0.8344444444444445, 5),
    ([words(30)] * 16, 0.06277836128072145, 0.06293754688244296, 0.0625, 5),
    ([words(30, 30 * i) for i in range(16)], 1.0044537804915432, 1.0070007501190874, 1.0, 5),
    ([words(30, 30 * i) for i in range(500)], 1.145748901094882, 1.2346744097202962, 1.0, 5),
    (TOY, 0.592879102044402, 0.5928916310104207, 0.5928571428571429, 4),
    (["yes no"] * 16, 0.02500572112315187, 0.02500898567503886, 0.025, 2),
    (["The cat sat", "the cat sat"], 0.48334643291642915, None, 0.4833333333333333, 3),
]
EACH_ORDER = [(1, 0.466732), (2, 0.500055), (3, 0.5556), (4, 0.6667), (5, 1.00002)]
"""EAD of `LIKE` at each n."""
