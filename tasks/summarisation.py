"""Summaries of Reddit posts in distribution and of news articles far out of it, as in Kirk et al. (2024)."""

from typing import Final

from .data import Data, Row
from .prompting import Prompting, RowForm, reference, text
from .task import Prompt, Split, Task
from .templates import TLDR, summary_request, tldr_article, tldr_post

MAX_TOKENS: Final = 48
"""The published budget of a summary."""

PROMPT_TOKENS: Final = 1024
"""The published limit of a prompt, which loses its beginning beyond it."""

TLDR_TEST: Final = Data(
    hub="UCL-DARK/openai-tldr-filtered",
    split="test",
    files=("test.jsonl",),
    revision="e1f66b8955c7ba9faf70d24a2e104ea08853b25e",
    licence="CC-BY-4.0",
    columns=("id", "subreddit", "title", "post", "summary"),
    rows=6553,
)
"""Reddit posts with their authors' summaries; the models of the paper were tuned on its train split."""

CNN_DAILYMAIL_TEST: Final = Data(
    hub="abisee/cnn_dailymail",
    config="3.0.0",
    split="test",
    files=("3.0.0/test-00000-of-00001.parquet",),
    revision="96df5e686bee6baa90b8bee7c28b81fa3fa6223d",
    licence="Apache-2.0",
    columns=("id", "article", "highlights"),
    rows=11490,
)
"""News articles with their editors' highlights."""


def _post(name: str, row: Row) -> Prompt:
    title, post = text(row, "title"), text(row, "post")
    raw = tldr_post(text(row, "subreddit"), title, post)
    message = summary_request("forum post", f"{title}\n\n{post}")
    return Prompt(name, raw, message, reference(row, "summary"), raw.removesuffix(TLDR))


def _article(name: str, row: Row) -> Prompt:
    article = text(row, "article")
    raw = tldr_article(article)
    return Prompt(
        name, raw, summary_request("news story", article), reference(row, "highlights"), raw.removesuffix(TLDR)
    )


POST: Final = RowForm(lambda row: text(row, "id"), _post)
ARTICLE: Final = RowForm(lambda row: text(row, "id"), _article)

SUMMARISATION: Final = Task(
    name="summarisation",
    version=1,
    description="Summaries: Reddit posts in distribution, news articles far out of it.",
    licence="CC-BY-4.0 AND Apache-2.0",
    format="raw",
    max_tokens=MAX_TOKENS,
    stop=(),
    splits=(
        Split(
            name="tldr",
            shift="id",
            description="Reddit posts with their authors' TL;DR",
            kind="post",
            load=Prompting(TLDR_TEST, POST),
            data=TLDR_TEST,
            size=TLDR_TEST.rows,
        ),
        Split(
            name="cnn_dailymail",
            shift="far",
            description="news articles with highlights",
            kind="article",
            load=Prompting(CNN_DAILYMAIL_TEST, ARTICLE),
            data=CNN_DAILYMAIL_TEST,
            size=CNN_DAILYMAIL_TEST.rows,
        ),
    ),
    prompt_tokens=PROMPT_TOKENS,
)
