"""nova doctor: prints what the doctor found. Exit 0 when Nova can work, 3 when something necessary is missing."""

from __future__ import annotations

from nova.cli import frame
from nova.core.errors import NotReady


def examine(*, as_json: bool) -> int:
    """Looks at everything and says it; returns the exit code."""
    from nova.app.doctor.examination import examine as look
    from nova.app.doctor.examination import finding_json, usable

    found = look(frame.the_home())
    if as_json:
        frame.out_json({"usable": usable(found), "findings": [finding_json(one) for one in found]})
    else:
        for one in found:
            frame.out(f"{one.state.value:<8} {one.what:<13} {one.seen}")
            if one.mend:
                frame.out(f"{'':<8} {'':<13} {one.mend}")
        frame.out(f"\n{'Nova can work.' if usable(found) else 'Nova cannot work yet: mend what is missing.'}")
    return 0 if usable(found) else NotReady.exit_code
