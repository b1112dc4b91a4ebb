"""How commands are parsed: as bash does, or not at all."""

import random
import subprocess
import unittest

import support  # noqa: F401, for the path of the package

import arrow_pipes
from arrow_pipes import CommandError
from arrow_pipes._command import parse

#: Commands that need a shell or are incomplete, and the character that is the problem.
REFUSED = [
    ("stream-filter a > 5", 16, "redirects output"),
    ("stream-count < x", 13, "redirects input"),
    ("a & b", 2, "starts a job"),
    ("a; b", 1, "ends a command"),
    ("a $HOME", 2, "begins an expansion"),
    ("a `b`", 2, "runs a command"),
    ("a *.parquet", 2, "pattern"),
    ("a b?", 3, "pattern"),
    ("a [b]", 2, "pattern"),
    ("a ~/x", 2, "home directory"),
    ("a x=~/x", 4, "home directory"),
    ("a (b)", 2, "subshell"),
    ("a b)", 3, "subshell"),
    ("a {b,c}", 2, "brace"),
    ("a\nb", 1, "ends a command"),
    ("a |\n b\n| c", 6, "ends a command"),
    ("a # b", 2, "comment"),
    ("#", 0, "comment"),
    ("a || b", 2, r"\|\|"),
    ("a |& b", 3, "starts a job"),
    ("A=b c", 0, "env="),
    ("a | B+=c d", 4, "env="),
    ("! a", 0, "negates"),
    ('a "$b"', 3, "double quotes"),
    ('a "${b}"', 3, "double quotes"),
    ('a "`b`"', 3, "double quotes"),
    ("a 'b", 2, "single quote is not closed"),
    ('a "b', 2, "double quote is not closed"),
    ("a b\\", 3, "backslash"),
    ("", 0, "empty"),
    (" \t\n", 0, "empty"),
    ("| a", 0, "precede"),
    ("a |", 2, "follow"),
    ("a | | b", 4, "precede"),
    ("a \0", 2, "null character"),
    ("a 'b\0'", 4, "null character"),
    ('a | "\0"', 5, "null character"),
    ("a \\\0", 3, "null character"),
]

ACCEPTED = [
    ("stream-filter 'price > 10' | stream-head -n 5", [["stream-filter", "price > 10"], ["stream-head", "-n", "5"]]),
    ("  a\tb  ", [["a", "b"]]),
    ("a|b", [["a"], ["b"]]),
    ("\na 1 |\n\n  b \\\n 2 |\nc\n\n", [["a", "1"], ["b", "2"], ["c"]]),
    ("""a 'x "y"'"z 'w'"\\'""", [["a", "x \"y\"z 'w''"]]),
    ("a '' \"\" b''", [["a", "", "", "b"]]),
    (r'a "\$x \` \" \\ \n" \n \| \  \>', [["a", '$x ` " \\ \\n', "n", "|", " ", ">"]]),
    ('a "x$" "$ " "^a$|b"', [["a", "x$", "$ ", "^a$|b"]]),
    ("a b#c !x x! a~b --x=y A=b ]}", [["a", "b#c", "!x", "x!", "a~b", "--x=y", "A=b", "]}"]]),
    ("a 'müßig 数'", [["a", "müßig 数"]]),
]

ALPHABET = ["a", "b", " ", "\t", "\n", "'", '"', "\\", "$", "|", "=", "~", "#", "!", ":", "}", "]", "-", "%", "^"]
ALPHABET += [">", "&", "*", "{", "`", "(", "ü", ","]


class Command(unittest.TestCase):
    def test_what_needs_a_shell_is_refused_at_its_place(self):
        for command, place, problem in REFUSED:
            with self.subTest(command), self.assertRaisesRegex(CommandError, problem) as caught:
                parse(command)
            self.assertEqual(caught.exception.position, place, command)

    def test_the_message_shows_the_place(self):
        with self.assertRaises(ValueError) as caught:
            parse("stream-sort a |\nstream-filter a > 5 |\nstream-count")
        text = '">" redirects output in a shell: quote it, or use shell=True\n'
        text += "stream-filter a > 5 |\n                ^"
        self.assertEqual(str(caught.exception), text)

    def test_quotes_and_bars_mean_what_they_mean_in_a_shell(self):
        for command, words in ACCEPTED:
            with self.subTest(command):
                self.assertEqual(parse(command), words)

    def test_a_list_of_words_is_refused(self):
        with self.assertRaisesRegex(TypeError, "the command is a list, not a str"):
            parse(["stream-count"])
        with self.assertRaisesRegex(TypeError, "the command is a list, not a str"):
            arrow_pipes.scan(["stream-count"], shell=True)

    def test_random_commands_have_the_words_that_bash_finds(self):
        alone = [(command, programs[0]) for command, programs in accepted(10) if len(programs) == 1]
        self.assertLess(1000, len(alone))
        script = """show() { printf '%s\\0' "$@"; }; for line; do eval "show $line"; printf '\\1'; done"""
        printed = self.bash(script, (command for command, _ in alone))
        found = [shown.split("\0")[:-1] for shown in printed.split("\1")[:-1]]
        self.assertEqual(len(found), len(alone))
        for (command, words), shown in zip(alone, found):
            self.assertEqual(shown, words, command)

    def test_bash_parses_all_that_is_accepted(self):
        several = [command for command, programs in accepted(6) if len(programs) > 1]
        self.assertLess(200, len(several))
        # The body of a function is parsed, not run.
        script = 'for line; do eval "f() { $line\n}" || echo "$line"; done'
        printed = self.bash(script, several)
        self.assertEqual(printed, "")

    def bash(self, script, arguments):
        done = subprocess.run(["bash", "-c", script, "bash", *arguments], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stderr, "")
        return done.stdout


def accepted(size):
    """Random commands that `parse` accepts, with their words."""
    generator = random.Random(1)
    found = []
    for _ in range(20000):
        # A first letter, because a reserved word such as "!" is no program.
        command = "a" + "".join(generator.choices(ALPHABET, k=generator.randint(1, size))).replace("|", "|a")
        try:
            found.append((command, parse(command)))
        except CommandError:
            pass
    return found


if __name__ == "__main__":
    unittest.main()
