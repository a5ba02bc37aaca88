"""Questions that come while one is being answered are answered together next: many ask, and few transactions run."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")

MOST_AT_ONCE = 200  # keeps a transaction bounded


class Together(Generic[Question, Answer]):
    """Nobody waits for others to come: who asks alone is answered at once."""

    def __init__(self, answer_all: Callable[[Sequence[Question]], Awaitable[Sequence[Answer]]]) -> None:
        """`answer_all` gives one answer for each question, in their order, or raises for all of them."""
        self._answer_all = answer_all
        self._waiting: list[tuple[Question, asyncio.Future[Answer]]] = []
        self._answering: asyncio.Task[None] | None = None

    async def ask(self, question: Question) -> Answer:
        """The answer, or what `answer_all` raised."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._answering is None or self._answering.done():
            self._answering = asyncio.create_task(self._answer_them())
        return await answer

    async def _answer_them(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            await self._answer_some([(question, answer) for question, answer in some if not answer.cancelled()])

    async def _answer_some(self, some: Sequence[tuple[Question, "asyncio.Future[Answer]"]]) -> None:
        try:
            answers = await self._answer_all([question for question, _ in some])
        except Exception as error:  # whoever asked raises it
            for _, asking in some:
                if not asking.done():
                    asking.set_exception(error)
            return
        for (_, asking), answer in zip(some, answers, strict=True):
            if not asking.done():
                asking.set_result(answer)
