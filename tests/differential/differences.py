"""Every deliberate difference between rapfiles and the standard library that is allowed for.

Nothing else may be left out of the comparison. Each rule says why.
"""

from __future__ import annotations

from .case import Case, Op
from .outcome import Outcome, is_decode_error, returned

# A cookie of `tell` on text is opaque. Where the standard library answers with a plain file
# position (below 2**64) rapfiles must answer with the same. Where it packs a decoder's state on
# top, that state is the implementation's own: such cookies are compared by what is read after
# seeking to them.
PLAIN_COOKIES = 1 << 64

# What rapfiles decodes of a text without letting the loop have a turn.
AT_ONCE = 32 * 1024


def allowed(case: Case, index: int, outcome: Outcome, expected: Outcome) -> bool:
    """Whether an operation may lead to ``outcome`` where the standard library's was different."""
    op = case.ops[index]
    return (
        without_added_name(outcome, expected) == expected
        or (case.opening.kind == "text" and op.do in ("tell", "mark") and opaque(outcome, expected))
        or (op.do in ("peek", "read1") and other_amount(outcome, expected))
        or short_of_memory(outcome, expected)
        or other_fault(case, outcome, expected)
        or (op.do == "properties" and other_newlines(case.ops[:index], outcome, expected))
        or (case.opening.kind == "raw" and op.do == "seekable" and took_offence(outcome, expected))
    )


def opaque(outcome: Outcome, expected: Outcome) -> bool:
    """Whether two answers of ``tell`` on text are cookies whose values say nothing."""
    both = outcome[:1] == expected[:1] == ("returns",)
    same = both and expected[1][0] == outcome[1][0] == "int"
    return same and bool(expected[1][1] >= PLAIN_COOKIES)


def without_added_name(outcome: Outcome, expected: Outcome) -> Outcome:
    """``expected``, if ``outcome`` is the same OSError that says besides which file it is about.

    An operation on an open file that fails names the file (promise 3); the standard library's files
    don't know theirs any more.
    """
    if len(outcome) != 7 or len(expected) != 7 or outcome[:4] != expected[:4]:
        return outcome
    named = outcome[4][1] is not None and expected[4][1] is None
    return expected if named and outcome[6].startswith(expected[6]) else outcome


def other_amount(outcome: Outcome, expected: Outcome) -> bool:
    """Whether two answers of ``peek`` or ``read1`` are more and less of the same bytes.

    Both may answer with less than is there, and how much depends on how a buffer is aligned.
    """
    if not outcome[:1] == expected[:1] == ("returns",):
        return False
    (kind, found), (wanted_kind, wanted) = outcome[1], expected[1]
    if not kind == wanted_kind == "bytes" or bool(found) != bool(wanted):
        return False
    return bool(found.startswith(wanted) or wanted.startswith(found))


def other_fault(case: Case, outcome: Outcome, expected: Outcome) -> bool:
    """Whether a long text has two faults, and each side has found another of them.

    CPython's ``read`` decodes all of a file at once, and some decoders look at its end before they
    look at its beginning. rapfiles lets the loop have its turns in between.
    """
    long = len(case.before or b"") > AT_ONCE
    return long and is_decode_error(outcome) and is_decode_error(expected)


def short_of_memory(outcome: Outcome, expected: Outcome) -> bool:
    """Whether only the standard library failed for want of memory.

    It makes room for as many bytes as are asked for. rapfiles makes room for those that are there:
    a size beyond all memory is no reason to fail when the file is short.
    """
    return expected == ("raises", "builtins.MemoryError") and outcome[:1] == ("returns",)


def other_newlines(before: tuple[Op, ...], outcome: Outcome, expected: Outcome) -> bool:
    """Whether two answers of ``properties`` differ in ``newlines`` alone, and it has been lost.

    CPython's ``tell`` decodes a chunk again and forgets line ends that it had met; rapfiles' has
    nothing to decode. And rapfiles' handle forgets them as it begins to work through Python's files
    (``buffer``): a decoder of theirs can't be told of them.
    """
    # A relative seek tells where it is, too.
    if not any(op.do in TELLS or op.do == "inner" or op.args[1:] == (1,) for op in before):
        return False
    rest, expected_rest = (
        [pair for pair in answer[1][1] if pair[1][0][1] != "newlines"]
        for answer in (outcome, expected)
    )
    return bool(rest == expected_rest)


def took_offence(outcome: Outcome, expected: Outcome) -> bool:
    """Whether only the standard library denies that a file is seekable.

    Every file here is one. CPython's raw files find out by their first seek, and take one that is
    refused, as before the start, for the answer.
    """
    return (outcome, expected) == (returned(True), returned(False))


def leads_apart(op: Op, outcome: Outcome, expected: Outcome) -> bool:
    """Whether two files stand at different places after these answers, and can't be compared on."""
    read_on = op.do == "read1" and other_amount(outcome, expected)
    return read_on or short_of_memory(outcome, expected)


READS = {"read", "readline", "readlines", "iterate"}
WRITES = {"write", "writelines", "written"}
TELLS = {"tell", "mark"}


def left_out(case: Case, index: int) -> bool:
    """Whether an operation is not carried out at all, on neither side."""
    return (
        behind_a_write(case, index)
        or told_between_lines(case, index)
        or told_while_appending(case, index)
        or written_behind_a_chunk(case, index)
    )


def behind_a_write(case: Case, index: int) -> bool:
    """Whether CPython may read past a pending write here, or move it elsewhere.

    Before 3.13 its ``BufferedRandom.read1``, which text reads with too, takes no notice of what is
    pending (gh-115059): it lands behind what is read. And in a file that appends, what is pending
    lies over the bytes read ahead: they are read, sought in and written again as if the write had
    gone there. rapfiles hands a write on before all that, where it belongs.
    """
    if "+" not in case.opening.mode or case.opening.kind == "raw":
        return False
    text = case.opening.kind == "text"
    touched = READS if text else {"read1"}
    if "a" in case.opening.mode and not text:
        touched = READS | {"read1", "readinto", "peek", "seek", "back"}
    if case.ops[index].do not in touched:
        return False
    for op in reversed(case.ops[:index]):
        if op.do in WRITES and op.args != ([],):
            return True
        if flushes(op, text):
            return False
    return False


def flushes(op: Op, text: bool) -> bool:
    """Whether an operation hands on what is pending, in CPython, whatever comes of it besides."""
    if op.do in ("flush", "flushed", "truncate", "close", "detach"):
        return True
    return text and (op.do == "back" or plain_seek(op))


def plain_seek(op: Op) -> bool:
    """Whether an operation goes to a place that is counted from the start."""
    plain = op.do == "seek" and type(op.args[0]) is int and op.args[0] >= 0
    return plain and op.args[1:] in ((), (0,))


def told_between_lines(case: Case, index: int) -> bool:
    """Whether CPython may say here that telling is disabled by ``next()``, or where its chunk ends.

    Nobody has called that: it is what its ``readlines`` leaves behind that stops early, by a hint
    or an error. After a flush it tells again, but of the chunk read meanwhile it has noted nothing.
    rapfiles knows where it is all the time.
    """
    op = case.ops[index]
    relative = op.do == "seek" and op.args[1:] == (1,)
    if case.opening.kind != "text" or not (op.do in TELLS or relative):
        return False
    for before in reversed(case.ops[:index]):
        if before.do == "readlines":
            return True
        if before.do == "back" or plain_seek(before):
            return False
    return False


def told_while_appending(case: Case, index: int) -> bool:
    """Whether CPython may say here where a file would be that is written where it stands.

    What is pending lands at the end, which may be somewhere else; its own size of buffer decides
    whether it is still pending. rapfiles hands it on and says where it is.
    """
    if "a" not in case.opening.mode or case.opening.kind in ("text", "raw"):
        return False
    if case.ops[index].do not in TELLS:
        return False
    for op in reversed(case.ops[:index]):
        if op.do in WRITES:
            return True
        if flushes(op, False):
            return False
    return False


def written_behind_a_chunk(case: Case, index: int) -> bool:
    """Whether CPython would write behind the chunk it has read, wherever the reader stands.

    rapfiles does so too, but for a handle that has begun to work through Python's files since
    (``buffer``): its chunk begins where the reader stands.
    """
    if case.opening.kind != "text" or "+" not in case.opening.mode:
        return False
    if case.ops[index].do not in WRITES or not any(op.do == "inner" for op in case.ops[:index]):
        return False
    for op in reversed(case.ops[:index]):
        if op.do == "back" or plain_seek(op):
            return False
        if op.do in READS:
            return True
    return False


# Their handlers refuse to decode, with a TypeError.
ENCODE_ONLY = {"xmlcharrefreplace", "namereplace"}


def ends_comparison(case: Case, outcome: Outcome) -> bool:
    """Whether the rest of a sequence is left out, the file's final bytes apart.

    After a UnicodeDecodeError the standard library has lost the chunk it was decoding, and goes on
    behind it at a place that depends on its buffer's size. rapfiles keeps its position. Both must
    raise at the same step.
    """
    refused = case.opening.options.get("errors") in ENCODE_ONLY
    return is_decode_error(outcome) or (refused and outcome == ("raises", "builtins.TypeError"))
