"""The last cell of a chapter under nbval: each control of each explorer goes to its ends."""

import json
from collections import defaultdict

import nbformat
from nbval.plugin import IPyNbCell

KEEP = """
def _keep(ipython, kept):
    ipython.events.register("post_run_cell", lambda result: kept.append(result.result))

_keep(get_ipython(), [])
"""

DRIVE = '''
def _drive():
    import gc
    import json
    from ipywidgets import HTML
    from downslope.explore import Explorer

    def pictures(explorer):
        """Values of all the HTML widgets that the explorer is made of."""
        waiting, found = [explorer._view._box], []
        while waiting:
            widget = waiting.pop()
            waiting += getattr(widget, "children", ())
            if isinstance(widget, HTML):
                found.append(widget.value)
        return found

    def places(widget):
        """First and last value of a control, and the one it began with."""
        options = [o[1] if isinstance(o, tuple) else o for o in widget.options]
        return [options[0], widget.value, options[-1]]

    report = []
    for explorer in [found for found in gc.get_objects() if isinstance(found, Explorer)]:
        for name, widget in explorer.controls.items():
            begun, shown = widget.value, []
            for value in places(widget):
                widget.value = value
                shown.append([pictures(explorer), explorer.readout, explorer.error])
            widget.value = begun
            report.append({"explorer": explorer.name, "control": name, "shown": shown})
    return json.dumps(report)


print(_drive())
'''


def faults(report):
    """What is wrong in the report, a sentence each."""
    found = [] if report else ["no explorer with controls was found in this chapter"]
    for control in report:
        where = f"{control['explorer']}: {control['control']}"
        (first, _, _), _, (last, _, _) = control["shown"]
        if first == last:
            found.append(f"{where} changes nothing between its ends")
        for _, readout, error in control["shown"]:
            found += [f"{where}: {error}"] if error else []
            found += [f"{where}: no readout"] if not readout else []
    return found


class EveryControl(IPyNbCell):
    """Run in the kernel in which nbval has run the chapter, so that it runs only once."""

    def runtest(self):
        super().runtest()
        printed = "".join(out.text for out in self.test_outputs if out.get("name") == "stdout")
        found = faults(json.loads(printed))
        assert not found, "\n".join(found)


def drive(notebook):
    """Have the kernel of a notebook keep what its cells show, and drive that after the last."""
    start, collect = notebook.setup, notebook.collect

    def setup():
        start()
        notebook.kernel.execute_cell_input(KEEP)

    def cells():
        found = [*collect()]
        own = {"cell": nbformat.v4.new_code_cell(DRIVE), "options": defaultdict(bool)}
        last = {"name": "every control", "cell_num": len(found), **own}
        return [*found, EveryControl.from_parent(notebook, **last)]

    notebook.setup, notebook.collect = setup, cells
