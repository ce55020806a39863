"""nova demo: five real questions over the example workspace, with no key."""

from __future__ import annotations

import asyncio
import shutil

from nova.cli import frame
from nova.cli.ask import Asking, Heard, listen, request_of
from nova.core.outcomes import Done


def show(*, fresh: bool) -> int:
    """Sets the demonstration's home up if needed, asks, and says what to type next. 1 when a question got no answer."""
    from nova.app.demo import QUESTIONS, demo_home, prepare
    from nova.app.house import open_nova

    home = demo_home(_own_home())
    if fresh and home.root.exists():
        shutil.rmtree(home.root)
    if not home.exists:
        frame.note(f"Setting up five example projects in {home.root} ...")
    prepare(home, lambda step: frame.note_dim(f"  {step}"))
    nova = open_nova(home)
    answered = 0
    try:
        for number, question in enumerate(QUESTIONS, start=1):
            frame.out(f"\n[{number}/{len(QUESTIONS)}] {question.project or 'no project'}> {question.text}\n")
            heard = Heard()
            asking = Asking(
                project=question.project, agent=None, go_on=False, conversation="", events=False, as_json=False
            )
            asyncio.run(listen(nova, request_of(nova, question.text, asking, ""), asking, heard))
            answered += isinstance(heard.outcome, Done)
    finally:
        nova.close()
    frame.out(_NEXT)
    return 0 if answered == len(QUESTIONS) else 1


def _own_home():
    from nova.settings.home import find_home

    return find_home()


_NEXT = """
What next:
  ./nova --home demo why                        why the last answer came from whom it came
  ./nova --home demo ask "Where did I leave off in find-a-sign?"
  ./nova --home demo chat                       talk to all five projects
  ./nova --home demo pipelines run issue-to-fix -p airep -i issue=5
                                                from an open issue to a review that waits for you
  ./nova --home demo agents list                the 34 specialists
  ./nova init                                   a home of your own, in the folder of your project
  ./nova models                                 add a language model; without one Nova answers by extraction"""
