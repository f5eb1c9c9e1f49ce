"""Run every benchmark of this folder, one after the other: `make bench`."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
NOT_BENCHMARKS = {"run.py", "interleaved.py"}

if __name__ == "__main__":
    for script in sorted(HERE.glob("*.py")):
        if script.name not in NOT_BENCHMARKS:
            print(f"\n{script.stem}\n{'-' * len(script.stem)}", flush=True)
            subprocess.run([sys.executable, script], check=True)
