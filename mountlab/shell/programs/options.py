"""Reads a program's options as getopt_long(3) does, and knows which of them are of the language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class OptionError(Exception):
    """A word that getopt_long(3) refuses; the text is its message, without the program's name."""


class Unknown(OptionError):
    """The program has no such option, or more than one that begins so."""


class Option(NamedTuple):
    """One option as it was given."""

    key: str
    """The letter, or the long name of an option that has none."""
    value: str | None
    word: str
    """The word of the command line it stood in."""


class Options(NamedTuple):
    """A command line's options in order, and its operands."""

    given: list[Option]
    operands: list[str]

    def has(self, *keys: str) -> bool:
        """Whether any of the options was given."""
        return any(option.key in keys for option in self.given)

    def last(self, *keys: str) -> str | None:
        """The value of the last of these options, or None."""
        return next((option.value for option in reversed(self.given) if option.key in keys), None)


class OptionTable:
    """What a program accepts.

    Args:
        short: as for getopt(3): letters, ``:`` after one that takes a value, ``::`` when the value is
            optional; a leading ``+`` ends the options at the first operand.
        long: long names with their letter, ``target=t:``, in the program's own order; a name without ``=`` is
            an option of its own (``name:`` with a value).  A long name may take a value that its letter does
            not take; the reverse does not occur.
        understood: letters and names that belong to the language.
    """

    def __init__(self, short: str, long: str, understood: str) -> None:
        self.stops_at_operand = short.startswith("+")
        self._values: dict[str, int] = {}
        self._names: dict[str, str] = {}
        self._long_values: dict[str, int] = {}
        for letter, colons in _letters(short.lstrip("+")):
            self._values[letter] = colons
        for word in long.split():
            name, _, letter = word.partition("=")
            colons = (letter or name).count(":")
            name, letter = name.rstrip(":"), letter.rstrip(":")
            self._names[name] = letter or name
            self._long_values[name] = max(colons, self._values.get(letter, 0))
            self._values.setdefault(letter or name, colons)
        self.understood = frozenset(understood.split())

    def parse(self, words: list[str]) -> Options:
        """Split `words` (without the program's name) into options and operands.

        Raises:
            OptionError: with getopt_long(3)'s message.
        """
        given: list[Option] = []
        operands: list[str] = []
        rest = list(words)
        while rest:
            word = rest.pop(0)
            if word == "--":
                operands += rest
                break
            if word.startswith("--"):
                given.append(self._long(word, rest))
            elif word.startswith("-") and word != "-":
                given += self._cluster(word, rest)
            elif self.stops_at_operand:
                operands += [word, *rest]
                break
            else:
                operands.append(word)
        return Options(given, operands)

    def _long(self, word: str, rest: list[str]) -> Option:
        name, equals, value = word[2:].partition("=")
        full = self._full_name(name, word)
        key = self._names[full]
        takes = self._long_values[full]
        if equals:
            if takes == 0:
                raise OptionError(f"option '--{full}' doesn't allow an argument")
            return Option(key, value, word)
        if takes == 1:
            if not rest:
                raise OptionError(f"option '--{full}' requires an argument")
            return Option(key, rest.pop(0), word)
        return Option(key, None, word)

    def _full_name(self, name: str, word: str) -> str:
        if name in self._names:
            return name
        candidates = [each for each in self._names if each.startswith(name)]
        if not candidates:
            raise Unknown(f"unrecognized option '{word.partition('=')[0]}'")
        if len({self._names[each] for each in candidates}) > 1:
            possibilities = "".join(f" '--{each}'" for each in candidates)
            raise Unknown(f"option '{word.partition('=')[0]}' is ambiguous; possibilities:{possibilities}")
        return candidates[0]

    def _cluster(self, word: str, rest: list[str]) -> Iterator[Option]:
        letters = word[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            if letter not in self._values or letter == ":":
                raise Unknown(f"invalid option -- '{letter}'")
            takes = self._values[letter]
            value: str | None = None
            if takes and letters:
                value, letters = letters, ""
            elif takes == 1:
                if not rest:
                    raise OptionError(f"option requires an argument -- '{letter}'")
                value = rest.pop(0)
            yield Option(letter, value, word)

    def objection(self, words: list[str]) -> tuple[str, str] | None:
        """The first option outside the language as (word, what is wrong); None when there is none."""
        try:
            given = self.parse(words).given
        except Unknown as error:
            return _word_of(str(error), words), f"not understood ({error})"
        except OptionError:
            return None
        for option in given:
            if option.key not in self.understood:
                return option.word, "an option that is not understood here"
        return None

    def understood_words(self) -> str:
        """The options of the language, for a message."""
        names: dict[str, list[str]] = {}
        for name, key in self._names.items():
            names.setdefault(key, []).append("--" + name)
        ordered = [key for key in self._values if key in self.understood]
        spelled = ["/".join(([f"-{key}"] if len(key) == 1 else []) + names.get(key, [])) for key in ordered]
        return ", ".join(spelled)


def _letters(short: str) -> Iterator[tuple[str, int]]:
    position = 0
    while position < len(short):
        colons = len(short[position + 1 :]) - len(short[position + 1 :].lstrip(":"))
        yield short[position], colons
        position += 1 + colons


def _word_of(message: str, words: list[str]) -> str:
    """The word a message is about: the one it quotes, or the cluster that holds the letter it names."""
    quoted = message.partition("'")[2].partition("'")[0]
    for word in words:
        if word.startswith(quoted) or (word.startswith("-") and not word.startswith("--") and quoted in word):
            return word
    return quoted
