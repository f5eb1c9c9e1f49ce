// Python in a worker of its own, for the exercises of a page (downslope-exercise.js). Everything
// it fetches lies in the folder that the page names. What it goes by is taken before any of the
// reader's code runs, which may change whatever it reaches of this scope.
"use strict";

(() => {
  const send = self.postMessage.bind(self);
  const { fetch, importScripts, Headers, ReadableStream, Response, String } = self;
  const { parse: read, stringify: write } = JSON;
  const MANIFEST = "manifest.json";
  const SMALLEST = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]); // a module without contents
  const BOOT = `
import json

from downslope.check.answering import answer

lambda asked, say, answer=answer, json=json: json.dumps(answer(**json.loads(asked), say=say))
`;
  const BOOK = "/book"; // where modules of the book's own are unpacked
  let root, version, ask;
  let manifest = { files: {} };
  let loaded = 0;
  let failed = false;

  function fail(reason, detail = "") {
    if (failed) return;
    failed = true;
    send({ kind: "failed", reason, detail });
  }

  function missing(name, why) {
    fail("file", `${name} (${why})`);
    return new Error(`${name}: ${why}`);
  }

  function count(name, bytes) {
    if (!(name in manifest.files)) return;
    loaded += bytes;
    tell();
  }

  // `wire`: what comes over the line, where the host compresses what it sends.
  function tell() {
    const { total, gzipped: wire = total } = manifest;
    send({ kind: "progress", loaded, total, wire });
  }

  const lastLine = (error) => String(error?.message ?? error).trim().split("\n").pop();
  const nameOf = (url) => String(url).split(/[?#]/)[0].split("/").pop();

  function counted(stream, name) {
    const reader = stream.getReader();
    return new ReadableStream({
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) return controller.close();
          count(name, value.byteLength);
          controller.enqueue(value);
        } catch (error) {
          controller.error(missing(name, error.message));
        }
      },
      cancel: (reason) => reader.cancel(reason),
    });
  }

  // With what tells its version apart, so that nothing old is taken from the browser's store.
  function stamped(url) {
    const stamp = nameOf(url) === MANIFEST ? version : manifest.versions?.[nameOf(url)];
    return stamp ? `${url}?v=${stamp}` : url;
  }

  // As fetch, but it counts; a file that is not there is told at once, since Pyodide may wait for
  // it for ever. WebAssembly of the wrong type would be fetched a second time.
  async function get(resource, options) {
    const url = String(resource.url ?? resource);
    const name = nameOf(url);
    const kept = { cache: stamped(url) === url ? "default" : "force-cache" };
    const response = await fetch(stamped(url), { ...kept, ...options }).catch((error) => {
      throw missing(name, error.message);
    });
    if (!response.ok) throw missing(name, response.status);
    const headers = new Headers(response.headers);
    if (name.endsWith(".wasm")) headers.set("Content-Type", "application/wasm");
    const { status, statusText } = response;
    return new Response(counted(response.body, name), { status, statusText, headers });
  }

  function include(url) {
    try {
      importScripts(stamped(url));
    } catch (error) {
      throw error.name === "NetworkError" ? missing(nameOf(url), error.message) : error;
    }
    count(nameOf(url), manifest.files[nameOf(url)]);
  }

  const bytes = async (name) => (await get(root + name)).arrayBuffer();

  async function pyodideItself() {
    self.fetch = get;
    self.importScripts = include;
    include(`${root}pyodide.js`);
    const pyodide = await self.loadPyodide({ indexURL: root });
    tell(); // on a slow machine each of these steps takes long
    self.fetch = fetch;
    self.importScripts = importScripts;
    return pyodide;
  }

  async function load() {
    manifest = await (await get(root + MANIFEST)).json();
    const names = ["numpy.bin", "downslope.bin", "book.bin"].filter((n) => n in manifest.files);
    const [pyodide, ...archives] = await Promise.all([pyodideItself(), ...names.map(bytes)]);
    const [packages] = pyodide.runPython("import site; site.getsitepackages()").toJs();
    for (const [index, name] of names.entries()) {
      const extractDir = name === "book.bin" ? BOOK : packages;
      const kind = name === "numpy.bin" ? "wheel" : "zip";
      try {
        pyodide.unpackArchive(archives[index], kind, { extractDir });
      } catch {
        throw missing(name, "damaged"); // or another page in its place, as in a hotel
      }
    }
    tell();
    ask = pyodide.runPython(BOOT);
  }

  function obstacle() {
    if (typeof WebAssembly === "undefined") return ["wasm"];
    try {
      new WebAssembly.Module(SMALLEST);
    } catch (error) {
      return ["policy", error.message];
    }
  }

  async function start() {
    const found = obstacle();
    if (found) return fail(...found);
    try {
      await load();
    } catch (error) {
      return fail("unknown", lastLine(error));
    }
    send({ kind: "ready" });
  }

  function run({ id, prelude, code, path = [] }) {
    const folders = path.map((name) => `${BOOK}/${name}`);
    const say = (text) => send({ kind: "printed", id, text });
    let answer;
    try {
      answer = read(ask(write({ prelude, code, path: folders }), say));
    } catch (error) {
      return fail("unknown", lastLine(error));
    }
    send({ kind: "answer", id, answer });
  }

  self.addEventListener("message", ({ data }) => {
    if (data.kind === "run") return run(data);
    ({ root, version } = data);
    start();
  });
})();
