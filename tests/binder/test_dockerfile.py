"""The Dockerfile keeps Binder's rules, as far as they can be read off it.

Source: mybinder.org user guide, "Use a Dockerfile for your Binder repository", rules 1 to 5.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.binder.dockerfile import Step, UnknownInstructionError, command, replaced, settings, steps

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "binder" / "Dockerfile").read_text()
STEPS = steps(TEXT)


def rests(word: str) -> list[str]:
    return [step.rest for step in STEPS if step.word == word]


def test_comments_and_continued_lines_are_read_as_a_builder_reads_them() -> None:
    text = '# a\nFROM x:1\nRUN a \\\n # between\n && b\nCMD ["c", "d e"]\n'

    assert [(step.word, step.rest.split()) for step in steps(text)] == [
        ("FROM", ["x:1"]),
        ("RUN", ["a", "&&", "b"]),
        ("CMD", ['["c",', '"d', 'e"]']),
    ]


def test_variables_are_replaced_where_a_builder_does_and_a_missing_one_is_no_silence() -> None:
    assert replaced(Step("ENV", "HOME=/home/${A}"), {"A": "x"}) == "HOME=/home/x"
    assert replaced(Step("RUN", "echo ${A}"), {}) == "echo ${A}"
    with pytest.raises(KeyError):
        replaced(Step("USER", "$B"), {})


def test_an_instruction_that_we_would_not_perform_is_refused() -> None:
    with pytest.raises(UnknownInstructionError, match="HEALTHCHECK"):
        steps("HEALTHCHECK CMD true\n")


def test_notebook_lab_and_hub_are_pinned_with_what_learners_have() -> None:
    lock = (ROOT / "binder" / "hub-requirements.txt").read_text()

    assert {"notebook", "jupyterlab", "jupyterhub"} <= set(re.findall(r"^([\w-]+)==", lock, re.MULTILINE))


def test_the_base_has_a_tag_that_is_not_latest() -> None:
    (base,) = rests("FROM")

    assert base.partition(":")[2] not in {"", "latest"}


def test_the_user_comes_from_binder_s_arguments_and_is_1000_by_default() -> None:
    arguments = {name: value for rest in rests("ARG") for name, value in settings(rest).items()}
    variables = {name: value for rest in rests("ENV") for name, value in settings(rest).items()}

    assert arguments == {"NB_USER": "jovyan", "NB_UID": "1000"}
    assert (variables["USER"], variables["HOME"]) == ("${NB_USER}", "/home/${NB_USER}")
    assert rests("USER") == ["${NB_USER}"]


def test_the_repository_is_copied_to_the_learner_s_home_and_is_theirs() -> None:
    assert "--chown=${NB_UID} . ${HOME}" in rests("COPY")


def test_binder_s_arguments_reach_the_command() -> None:
    assert "ENTRYPOINT" not in {step.word for step in STEPS}
    assert command(rests("CMD")[0])[0] == "jupyter"


def test_jupyterhub_is_of_the_release_that_binder_and_clusters_run() -> None:
    """Zero to JupyterHub 4 runs JupyterHub 5; hub and server should be of one major version."""
    lock = (ROOT / "binder" / "hub-requirements.txt").read_text()
    (pinned,) = re.findall(r"^jupyterhub==\S+", lock, re.MULTILINE)

    assert str(Requirement(pinned).specifier).removeprefix("==").split(".")[0] == "5"
