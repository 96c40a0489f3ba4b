"""Mutants are tried two at a time, as many as this session asks for."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.mutants.planting import Mutant, Run, try_out, try_without_mutant

AT_ONCE = 2


class Trials:
    """The runs that are under way. Mutants are tried from the start, in the order of the tests that ask for them."""

    def __init__(self, pool: ThreadPoolExecutor, mutants: list[Mutant]):
        self._pool = pool
        self._running = {mutant: pool.submit(try_out, mutant) for mutant in dict.fromkeys(mutants)}

    def of(self, mutant: Mutant) -> Run:
        """How the run with this mutant ended."""
        return self._running[mutant].result()

    def without_mutant(self, files: tuple[str, ...]) -> Run:
        """How a run of these test files without any mutant ends."""
        return self._pool.submit(try_without_mutant, files).result()


@pytest.fixture(scope="session")
def trials(request: pytest.FixtureRequest) -> Iterator[Trials]:
    """Tries every mutant that is the parameter `mutant` of a test that was chosen."""
    parameters = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield Trials(pool, [each["mutant"] for each in parameters if isinstance(each.get("mutant"), Mutant)])
        pool.shutdown(cancel_futures=True)
