"""The settings of the hub that `make classroom` starts: on this machine alone, and for tests alone.

What changes from run to run comes in environment variables whose names begin with CLASSROOM_. A
hub for a real class has other people's accounts and containers in the place of what stands here.
"""

import ipaddress
import os
import sys
from urllib.parse import urlsplit

c = get_config()  # noqa: F821 (JupyterHub runs this file with it)


def here(name):
    """The address in a variable, which must be one that only this machine can reach.

    Raises
    ------
    ValueError
        For any other: whoever reached it could run programs.
    """
    address = os.environ[name]
    host = urlsplit(address).hostname or ""
    try:
        inside = ipaddress.ip_address(host).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise ValueError(f"{name} must be an address on loopback, 127.0.0.1, got {address!r}")
    return address


c.JupyterHub.bind_url = here("CLASSROOM_PUBLIC")
c.JupyterHub.hub_bind_url = here("CLASSROOM_HUB")
c.ConfigurableHTTPProxy.api_url = here("CLASSROOM_PROXY")
c.ConfigurableHTTPProxy.auth_token = os.environ["CLASSROOM_PROXY_TOKEN"]

# The hub may go and come back: it begins and ends neither the proxy nor what students run.
c.ConfigurableHTTPProxy.should_start = False
c.JupyterHub.cleanup_servers = False
c.JupyterHub.cleanup_proxy = False
c.JupyterHub.db_url = "sqlite:///hub.sqlite"  # in the folder that the hub is started in
c.JupyterHub.cookie_secret_file = "cookie-secret"

# Whoever has the password is who they say they are.
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = os.environ["CLASSROOM_PASSWORD"]
c.Authenticator.allow_all = True

# A student's server is a process of this account, with a home folder of its own.
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = os.environ["CLASSROOM_HOMES"] + "/{username}"
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
# Servers that start kernels in the same moment would choose the same ports; files are their own.
c.Spawner.args = ["--KernelManager.transport=ipc"]
if getattr(os, "geteuid", lambda: 1)() == 0:
    c.Spawner.args += ["--allow-root"]
c.Spawner.default_url = "/lab"
c.Spawner.environment = {
    "CLASSROOM_FOLDER": os.environ["CLASSROOM_FOLDER"],  # by which its processes are found again
    "OPENBLAS_NUM_THREADS": "1",  # the arrays are small, and the cores are everybody's
    "JUPYTER_RUNTIME_DIR": os.environ["CLASSROOM_RUNTIME"],  # a socket has a short path, or none
}
# All come at once, to a machine that may be small.
c.Spawner.start_timeout = c.Spawner.http_timeout = int(os.environ["CLASSROOM_PATIENCE"])
c.JupyterHub.concurrent_spawn_limit = 0
