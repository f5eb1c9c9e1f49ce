# Does nothing where `downslope` is installed; elsewhere it says how to get it.
try:
    import downslope.explore  # noqa: F401
except ModuleNotFoundError:
    import sys
    from pathlib import Path

    class Missing(ModuleNotFoundError):
        def _render_traceback_(self):  # its words alone, without a traceback
            return [str(self)]

    # Where the package is, if the book knows it:
    ADDRESS = ""
    folders = Path(), Path("..")
    wheels = [w for f in folders for w in sorted(f.glob("downslope-*.whl"))]
    source = wheels[0].as_posix() if wheels else ADDRESS
    if source.endswith(".whl") and sys.platform == "emscripten":  # a browser
        import micropip

        file = f"emfs:{Path(source).resolve()}"
        await micropip.install(file if wheels else source)
    elif source and "google.colab" in sys.modules:
        get_ipython().run_line_magic("pip", f"install --quiet {source}")
    elif source:
        raise Missing(
            "This notebook needs the package downslope. Run\n\n"
            f"    %pip install {source}\n\n"
            "in a cell of its own, reload this page, so that it can show sliders,\n"
            "and then run all cells from the top."
        ) from None
    else:
        raise Missing(
            "This notebook needs the package downslope. The arrow at the top of\n"
            "its page in the book offers “All notebooks”: get that file, unpack\n"
            "it, and follow the README in it."
        ) from None
