"""What students need of a machine, measured; and the arithmetic that makes a class of it."""

import math
from dataclasses import astuple, dataclass, field
from statistics import median

import psutil

MEBI = 2**20
LESSON = 50 * 60  # seconds
PATIENCE = 120  # seconds in which the whole class should have its first figure


@dataclass
class Use:
    """What processes hold at one moment, and have used until then.

    Attributes
    ----------
    shared : int
        Bytes of memory, those that several processes hold divided among them; where the system
        does not tell (it is Linux that does), None.
    alone : int
        Bytes of memory, shared ones counted in each process that holds them.
    kernels : int
        The part of `alone` that kernels hold.
    seconds : float
        Processor time, with that of processes that have ended.
    """

    shared: int | None = 0
    alone: int = 0
    kernels: int = 0
    seconds: float = 0.0


def use(root):
    """What a process and all that it has started hold and have used.

    Parameters
    ----------
    root : int
        Number of the process.

    Raises
    ------
    psutil.NoSuchProcess
        If there is none; one below it that ends meanwhile counts as nothing.
    """
    first, total = psutil.Process(root), Use()
    for process in [first, *first.children(recursive=True)]:
        try:
            add(total, process)
        except psutil.NoSuchProcess:
            if process == first:
                raise
    return total


def add(total, process):
    with process.oneshot():
        memory, times = process.memory_full_info(), process.cpu_times()
        alone, command = memory.rss, process.cmdline()
    total.alone += alone
    total.kernels += alone if "ipykernel_launcher" in command else 0
    shared = getattr(memory, "pss", None)
    total.shared = None if None in (shared, total.shared) else total.shared + shared
    total.seconds += times.user + times.system
    total.seconds += getattr(times, "children_user", 0) + getattr(times, "children_system", 0)


def on_disk(folder):
    """Bytes of all files below a folder; links are not followed."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return sum(path.stat().st_size for path in files)


def marked(variable, value):
    """Processes of this account in whose environment a variable has this value."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(variable) == value:
                found.append(process)
        except psutil.Error:  # another account's, or gone
            continue
    return found


@dataclass
class Times:
    """A student's seconds, each from when all of them began together, and what they used."""

    server: float = 0.0
    pull: float = 0.0
    first: float = 0.0
    chapter: float = 0.0
    peak: Use = field(default_factory=Use)
    rest: Use = field(default_factory=Use)
    seconds_to_first: float = 0.0
    disk: int = 0

    def see(self, now):
        """Keep the most that has been held so far."""
        pairs = list(zip(astuple(self.peak), astuple(now), strict=True))
        self.peak = Use(*[None if None in pair else max(pair) for pair in pairs])


def up_to(size, step):
    """The least multiple of `step` that is not below `size`.

    Examples
    --------
    >>> up_to(300, 128), up_to(256, 128)
    (384, 256)
    """
    return math.ceil(size / step) * step


def guarantee(peaks):
    """MiB to keep for each student: a server and a kernel at their largest, rounded up to 64 MiB.

    Parameters
    ----------
    peaks : sequence of Use
        The largest of each student.

    Examples
    --------
    >>> guarantee([Use(alone=300 * MEBI, kernels=180 * MEBI)])
    320
    """
    return up_to(max(peak.alone for peak in peaks) / MEBI, 64)


def limit(peaks, rests):
    """MiB to stop a student at: room for two kernels more, at rest, rounded up to 256 MiB.

    Whoever goes on to the next chapter seldom shuts down the kernel of the one before.

    Parameters
    ----------
    peaks, rests : sequence of Use
        Of each student, the largest and that after the chapter.

    Examples
    --------
    >>> limit([Use(alone=300 * MEBI)], [Use(kernels=150 * MEBI)])
    768
    """
    largest = max(peak.alone for peak in peaks)
    return up_to((largest + 2 * max(rest.kernels for rest in rests)) / MEBI, 256)


def cores(students, seconds, within):
    """Cores that give each of these students so much processor time within that many seconds.

    Parameters
    ----------
    students : int
    seconds : float
        Processor time of each.
    within : float
        Seconds by the clock.

    Examples
    --------
    >>> cores(300, 8.0, within=120)
    20
    """
    if not (students > 0 and seconds > 0 and within > 0):
        raise ValueError(
            f"students, seconds and within must be positive, got {students}, {seconds} and {within}"
        )
    return math.ceil(students * seconds / within)


def spread(values, form="{:.1f}"):
    """The middle of some values, and the largest, as two cells of a table."""
    return form.format(median(values)), form.format(max(values))


def table(times, hub, proxy):
    """Lines of what was measured.

    Parameters
    ----------
    times : sequence of Times
        One a student.
    hub, proxy : Use
    """
    rows = [("", "middle", "worst"), ("seconds, all at once", "", "")]
    rows += [
        ("  from the link to a server of one's own", *spread([t.server for t in times])),
        ("  to pull the book", *spread([t.pull for t in times])),
        ("  from opening the notebook to its first output", *spread([t.first for t in times])),
        ("  to run the whole chapter", *spread([t.chapter for t in times])),
        ("processor seconds of a student", "", ""),
        ("  until the first output", *spread([t.seconds_to_first for t in times])),
        ("  in all", *spread([t.rest.seconds for t in times])),
        ("MiB of a student, each process counted whole", "", ""),
        ("  server and kernel, at most", *mebi(t.peak.alone for t in times)),
        ("  of that the kernel", *mebi(t.peak.kernels for t in times)),
        ("  server and kernel, at rest", *mebi(t.rest.alone for t in times)),
    ]
    if all(t.peak.shared is not None for t in times):
        rows += [
            ("MiB of a student, what processes share divided among them", "", ""),
            ("  server and kernel, at most", *mebi(t.peak.shared for t in times)),
            ("  server and kernel, at rest", *mebi(t.rest.shared for t in times)),
        ]
    rows += [("MiB on the disk of a student", *mebi(t.disk for t in times))]
    rows += [("MiB of the hub, and of its proxy", *(mebi([u.alone])[0] for u in (hub, proxy)))]
    return [f"{name:58}{middle:>8}{worst:>8}" for name, middle, worst in rows]


def mebi(values):
    return spread([value / MEBI for value in values], "{:.0f}")


def arithmetic(times, classes=(30, 300, 3000)):
    """Lines of what that means for classes: a sum, not a measurement."""
    peaks, rests = [t.peak for t in times], [t.rest for t in times]
    memory, first = guarantee(peaks), median(t.seconds_to_first for t in times)
    whole = median(t.rest.seconds for t in times)
    lines = [
        f"Memory: guarantee {memory} MiB, limit {limit(peaks, rests)} MiB a student; "
        f"{1024 / memory:.1f} students a GiB.",
        f"Processor: {PATIENCE / first:.0f} students a core, if all come at once and each waits "
        f"{PATIENCE} s at most for a first output;",
        f"{LESSON / whole:.0f} a core over a lesson of {LESSON // 60} minutes, in which each runs "
        "the chapter once.",
    ]
    for n in classes:
        lines.append(
            f"{n:5} students: {n * memory / 1024:5.0f} GiB; {cores(n, first, PATIENCE):4} cores "
            f"at the start, {cores(n, whole, LESSON):3} over the lesson."
        )
    return lines
