"""Commands: every Future gets an answer."""

import pytest

from avatar.commands import Commands


def test_commands_are_carried_out_in_order_by_the_owner() -> None:
    commands, done = Commands(), []
    first = commands.ask(lambda: done.append(1))
    second = commands.ask(lambda: 1 / 0)
    third = commands.ask(lambda: "answer")
    assert not first.done()
    commands.run()
    assert first.result(0) is None and done == [1]
    with pytest.raises(ZeroDivisionError):
        second.result(0)
    assert third.result(0) == "answer"


def test_a_command_may_ask_another_one() -> None:
    commands = Commands()
    inner = []
    commands.ask(lambda: inner.append(commands.ask(lambda: 2)))
    commands.run()
    assert inner[0].result(0) == 2


def test_closing_cancels_what_waits_and_what_comes() -> None:
    commands = Commands()
    waiting = commands.ask(lambda: 1)
    commands.close()
    commands.close()
    assert waiting.cancelled() and commands.ask(lambda: 2).cancelled()
    commands.run()


def test_a_cancelled_command_is_left_out() -> None:
    commands, done = Commands(), []
    commands.ask(lambda: done.append(1)).cancel()
    commands.run()
    assert done == []
