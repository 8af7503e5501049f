"""What the judging process does with a message: remember a policy, open a call, judge a call.

It may look at slow disks and take its time: whoever asks kills it when that is too long. Calls opened and not judged
yet are kept, a few of them.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator

import msgspec
from msgspec.structs import replace

from security_hooks.clients import client_named
from security_hooks.model.event import HookEvent
from security_hooks.model.failure import CallError, Failure, Reason
from security_hooks.model.work import Loss
from security_hooks.policy.snapshot import Snapshot, assemble_at_once
from security_hooks.service.attempt import attempt
from security_hooks.service.judge import judge
from security_hooks.service.judging import (
    Failed,
    FindStakes,
    Found,
    JudgeCall,
    Judged,
    OpenCall,
    Opened,
    Question,
    Ready,
    Reply,
    UsePolicy,
)
from security_hooks.service.place import locate
from security_hooks.service.stakes import find_stakes
from security_hooks.service.summary import summary_of
from security_hooks.service.world import APART, LocalWorld, UnseenWorld

OPENED = 32
_DECODER: msgspec.msgpack.Decoder[Question] = msgspec.msgpack.Decoder(Question)


def answering() -> Callable[[bytes], Iterator[bytes]]:
    """What `worker_main` answers messages with."""
    judge = IsolatedJudge()

    def answer(body: bytes) -> Iterator[bytes]:
        yield msgspec.msgpack.encode(judge.answer(_DECODER.decode(body)))

    return answer


class IsolatedJudge:
    """Answers questions, one at a time. None is raised: what goes wrong is an answer."""

    def __init__(self) -> None:
        self._snapshots: dict[int, Snapshot] = {}
        self._opened: OrderedDict[int, HookEvent] = OrderedDict()

    def answer(self, question: Question) -> Reply:
        """The answer to one question."""
        answer = attempt(lambda: self._answer(question))
        return Failed(question.number, answer) if isinstance(answer, Failure) else answer

    def _answer(self, question: Question) -> Reply:
        match question:
            case UsePolicy():
                return self._use(question)
            case OpenCall():
                return self._open(question)
            case JudgeCall():
                return self._judge(question)
            case FindStakes():
                return _find(question)

    def _use(self, question: UsePolicy) -> Ready:
        for generation in question.forget:
            self._snapshots.pop(generation, None)
        self._snapshots[question.generation] = assemble_at_once(question.build, question.generation)
        return Ready(question.number)

    def _open(self, question: OpenCall) -> Opened:
        client = client_named(question.client)
        if client is None:
            raise CallError(Failure(Reason.UNKNOWN_CLIENT, question.client))
        event = client.decode(question.payload)
        self._opened[question.number] = event
        while len(self._opened) > OPENED:
            self._opened.popitem(last=False)
        located = locate(event.cwd, question.home)
        return Opened(question.number, _for_the_record(event), located.place, located.root)

    def _judge(self, question: JudgeCall) -> Judged:
        event = question.event or self._opened.pop(question.opened)
        snapshot = self._snapshots[question.generation]
        world = UnseenWorld() if question.is_unseen else LocalWorld(reach=APART)
        judgement = judge(event, question.place, snapshot, question.now, world, question.session)
        return Judged(question.number, judgement.decision, summary_of(judgement.call))


def _find(question: FindStakes) -> Found:
    latest = time.monotonic() + question.seconds
    stakes = (
        # What is made again is left out only where nobody is spared a question by it.
        find_stakes(
            discard,
            question.home,
            question.made_again if discard.loss is Loss.FILES else (),
            latest - time.monotonic(),
        )
        for discard in question.discards
    )
    return Found(question.number, tuple(stakes))


def _for_the_record(event: HookEvent) -> HookEvent:
    """The event without texts that answering and recording do not look at; a script stands in `strings` once more."""
    tool = event.tool
    if tool is None:
        return event
    return replace(event, tool=replace(tool, content=(), strings=() if tool.script is not None else tool.strings))
