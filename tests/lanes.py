"""How tests are shared among processes: one begins with those that need servers, the others with the unit tests."""

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

# Their tests share a running system, a browser, or topics that bear the names of production: one process does them,
# also when somebody runs all tests at once (`make test` tells them apart, afterwards).
TOGETHER = ("tests/e2e/", "tests/faults/")


class Lanes(LoadScopeScheduling):
    """A file stays whole. The first process takes from the front, where tests wait for servers and services; all others
    take from the back, where tests only reckon. So faults are never played beside faults, and nobody waits at the end.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "stories" if file.startswith(TOGETHER) else file

    def _assign_work_unit(self, node: WorkerController) -> None:
        if node is not self.nodes[0]:
            self.workqueue.move_to_end(next(reversed(self.workqueue)), last=False)
        super()._assign_work_unit(node)
