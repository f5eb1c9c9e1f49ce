"""A student as the hub sees one: a browser that logs in, pulls, runs a notebook and saves it.

Cookies, forms and tokens are those of a browser. Of its scripts, what a notebook's page and the
page of nbgitpuller do is done here: they read a stream of events, and talk to a kernel.
"""

import asyncio
import json
from html.parser import HTMLParser
from time import perf_counter
from urllib.parse import quote, urlencode, urljoin, urlsplit

import httpx
from jupyter_client.session import Session
from jupyter_server.services.kernels.connection.base import deserialize_binary_message
from nbformat.v4 import output_from_msg
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClosedError, websocket_connect

LARGEST = 2**28  # bytes of one message: a figure with all of its states may be long
CLOSED = "the connection to the kernel was closed"


class Trouble(Exception):
    """What went wrong, as a sentence for the person at the terminal."""


def link(repository, notebook, branch="main"):
    """What a teacher gives to students: after the address of the hub, the same for each of them.

    Parameters
    ----------
    repository : str
        Address from which git clones the book.
    notebook : str
        Path of a notebook in it, with `/`.
    branch : str

    Returns
    -------
    path : str
        Begins with `/hub/user-redirect/`, which leads each student to their own server.

    Examples
    --------
    >>> link("https://example.org/ada/downslope", "chapters/04_gradient_descent.ipynb")[:62]
    '/hub/user-redirect/git-pull?repo=https%3A%2F%2Fexample.org%2Fa'
    """
    urlpath = f"lab/tree/{folder_of(repository)}/{notebook}"
    asked = {"repo": repository, "urlpath": urlpath, "branch": branch}
    return "/hub/user-redirect/git-pull?" + urlencode(asked)


def folder_of(repository):
    """The folder of a student's home that nbgitpuller clones into, as it names it.

    Examples
    --------
    >>> folder_of("https://example.org/ada/downslope/")
    'downslope'
    """
    return repository.rstrip("/").split("/")[-1]


async def events(lines):
    """The data of a stream of events, read from JSON.

    Parameters
    ----------
    lines : async iterable of str
        An event is one line that begins with `data:`; comments and empty lines are passed over.
    """
    async for line in lines:
        if line.startswith("data:"):
            yield json.loads(line.removeprefix("data:"))


async def pulled(stream):
    """What git said while nbgitpuller pulled, line by line.

    Parameters
    ----------
    stream : async iterable of dict
        Its events, as `events` reads them.

    Raises
    ------
    Trouble
        If it reports an error, or ends before it says that it has finished.
    """
    said = []
    async for event in stream:
        said += [event["output"].rstrip()] if "output" in event else []
        if event.get("phase") == "error":
            raise Trouble(f"nbgitpuller did not pull: {event.get('message') or said[-1:]}")
        if event.get("phase") == "finished":
            return said
    raise Trouble(f"nbgitpuller's stream ended before the pull did, after {said[-1:]}")


async def ready(stream):
    """Wait until the hub says that a server runs.

    Raises
    ------
    Trouble
        If it says that it does not start.
    """
    async for event in stream:
        if event.get("failed"):
            raise Trouble(f"the server did not start: {event.get('message')}")
        if event.get("ready"):
            return
    raise Trouble("the hub stopped telling how the server starts, before it had started")


class Form(HTMLParser):
    """The first form of a page: where it is sent, and the fields that it fills itself."""

    def __init__(self, page):
        super().__init__()
        self.action, self.fields = None, {}
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form" and self.action is None:
            self.action = attributes.get("action", "")
        if tag == "input" and attributes.get("type") == "hidden":
            self.fields[attributes["name"]] = attributes.get("value", "")


class Student:
    """One student's browser.

    Parameters
    ----------
    name : str
    password : str
    hub : str
        Address of the hub, without a `/` at its end.
    patience : float
        Seconds after which an answer is no longer waited for.
    """

    def __init__(self, name, password, hub, patience):
        self.name, self.password, self.hub, self.patience = name, password, hub, patience
        self.server = f"{hub}/user/{name}/"
        self.http = httpx.AsyncClient(timeout=patience, follow_redirects=True, trust_env=False)
        self.session, self.socket = Session(), None

    async def close(self):
        if self.socket is not None:
            self.socket.close()
        await self.http.aclose()

    async def get(self, address, **asked):
        """The answer to an address, which must be a good one."""
        return self.good(await self.http.get(address, **asked))

    def good(self, answer):
        if answer.is_error:
            path = urlsplit(str(answer.url)).path
            raise Trouble(f"{path} answered {answer.status_code}: {answer.text[:200]}")
        return answer

    def xsrf(self, path):
        """The token that pages under a path keep in a cookie."""
        for cookie in self.http.cookies.jar:
            if cookie.name == "_xsrf" and cookie.path == path:
                return cookie.value
        raise Trouble(f"no page below {path} has set its _xsrf cookie")

    async def follow(self, path):
        """Open a teacher's link; log in and wait for the server, where that is asked for.

        Returns
        -------
        page : httpx.Response
            The page that it leads to, on the student's own server.
        """
        page = await self.get(self.hub + path)
        if urlsplit(str(page.url)).path == "/hub/login":
            page = await self.log_in(page)
        if "/hub/spawn-pending/" in str(page.url):
            await self.wait_for_server()
            page = await self.get(self.hub + path)
        if not str(page.url).startswith(self.server):
            raise Trouble(f"the link led to {page.url}, not to {self.server}")
        return page

    async def log_in(self, page):
        form = Form(page.text)
        sent = form.fields | {"username": self.name, "password": self.password}
        page = await self.http.post(urljoin(str(page.url), form.action), data=sent)
        if page.status_code == 403:
            raise Trouble("the hub refused the name and the password")
        return self.good(page)

    async def wait_for_server(self):
        query = urlencode({"_xsrf": self.xsrf("/hub/")})
        address = f"{self.hub}/hub/api/users/{self.name}/server/progress?{query}"
        async with self.http.stream("GET", address) as answer:
            answer.raise_for_status()
            await ready(events(answer.aiter_lines()))

    async def pull(self, page):
        """Do what the script of nbgitpuller's page does; what git said, line by line."""
        asked = dict(page.url.params)
        asked = {
            "_xsrf": self.xsrf(f"/user/{self.name}/"),
            "repo": asked["repo"],
            "targetpath": folder_of(asked["repo"]),
            "branch": asked["branch"],
        }
        address = f"{self.server}git-pull/api?{urlencode(asked)}"
        async with self.http.stream("GET", address) as answer:
            answer.raise_for_status()
            said = await pulled(events(answer.aiter_lines()))
        await self.get(self.server + page.url.params["urlpath"])  # where the page leads next
        return said

    async def ask(self, method, path, **sent):
        """An answer of the server's own interface, as JSON."""
        headers = {"X-XSRFToken": self.xsrf(f"/user/{self.name}/")}
        answer = await self.http.request(method, self.server + path, headers=headers, **sent)
        return self.good(answer).json()

    async def read(self, path):
        """A notebook as the server reads it."""
        return (await self.ask("GET", f"api/contents/{quote(path)}"))["content"]

    async def write(self, path, content, kind):
        """Save a notebook, or a text as a file."""
        model = {"type": kind, "content": content, "format": "json"}
        if kind == "file":
            model["format"] = "text"
        await self.ask("PUT", f"api/contents/{quote(path)}", json=model)

    async def start_kernel(self, path, tries=3):
        """Start a kernel for a notebook and wait until it answers; where it does not, another.

        Returns
        -------
        failed : int
            How many did not answer, as those do whose port another program took first.
        """
        for failed in range(tries):
            try:
                await self.connect(path)
                async for _ in self.request("kernel_info", {}):
                    pass
            except (Trouble, HTTPClientError, OSError) as error:
                trouble = error
            else:
                return failed
        raise Trouble(f"no kernel answered, after {tries} were started: {trouble!r}")

    async def connect(self, path):
        """Start a new kernel, and open the connection to it."""
        asked = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        for session in await self.ask("GET", "api/sessions"):
            await self.http.delete(
                f"{self.server}api/sessions/{session['id']}",
                headers={"X-XSRFToken": self.xsrf(f"/user/{self.name}/")},
            )
        kernel = (await self.ask("POST", "api/sessions", json=asked))["kernel"]["id"]
        address = f"{self.server}api/kernels/{kernel}/channels?session_id={self.session.session}"
        cookies = self.http.build_request("GET", address).headers["Cookie"]
        request = HTTPRequest(
            address.replace("http", "ws", 1),
            headers={"Cookie": cookies, "Origin": self.hub},
            request_timeout=self.patience,
        )
        self.socket = await websocket_connect(request, max_message_size=LARGEST)

    async def run(self, code):
        """Let the kernel run a cell.

        Returns
        -------
        outputs : list of NotebookNode
        first : float or None
            When the first output came, as `time.perf_counter` counts.
        """
        asked = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
        outputs, first = [], None
        async for answer in self.request("execute", asked):
            if answer["msg_type"] in ("stream", "display_data", "execute_result", "error"):
                first = first or perf_counter()
                outputs.append(output_from_msg(answer))
        return outputs, first

    async def request(self, kind, content):
        """Ask the kernel, and yield its answers until it has replied and is idle."""
        message = self.session.msg(f"{kind}_request", content)
        text = json.dumps(message | {"channel": "shell", "buffers": []}, default=str)
        try:
            await self.socket.write_message(text)
        except WebSocketClosedError:
            raise Trouble(CLOSED) from None
        waits_for = {f"{kind}_reply", "idle"}
        while waits_for:
            answer = await self.hear()
            if answer["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                waits_for -= {answer["msg_type"], answer["content"].get("execution_state")}
                yield answer

    async def hear(self):
        """The next message from the kernel."""
        try:
            text = await asyncio.wait_for(self.socket.read_message(), self.patience)
        except TimeoutError:
            raise Trouble(f"the kernel has said nothing for {self.patience} s") from None
        if text is None:
            raise Trouble(CLOSED)
        return json.loads(text) if isinstance(text, str) else deserialize_binary_message(text)

    async def logged_in(self):
        """Whether the hub still knows this browser."""
        page = await self.get(f"{self.hub}/hub/home")
        return urlsplit(str(page.url)).path == "/hub/home"
