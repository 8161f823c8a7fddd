"""Set up and start the Methods Workbench: `python3 packaging/start.py [test] [ARGUMENTS]`.

Makes a virtual environment `.venv` beside this folder with the versions of `constraints.txt`, looks
for the system libraries that Qt needs, and then opens the window (or runs the headless demo where
there is no display). `test` runs the tests instead; other arguments go to the program. Needs
nothing but Python 3.11 or newer.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / ".venv"
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
WINDOWS = os.name == "nt"
PYTHON = PLACE / ("Scripts/python.exe" if WINDOWS else "bin/python")

# Library of Linux → Debian package that holds it; other distributions have them by default.
PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libOpenGL.so.0": "libopengl0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}


def main(words: list[str]) -> int:
    """Set up what is missing, then start."""
    if sys.version_info < (3, 11):
        print(f"Python is {sys.version.split()[0]}; it must be 3.11 or newer; start with that one.")
        return 2
    test = words[:1] == ["test"]
    try:
        set_up("test" if test else "")
    except subprocess.CalledProcessError as error:
        print(f"The set-up failed: {error.cmd[0]} … ended with {error.returncode}; see above.")
        return 2
    if not libraries():
        return 2
    environment = dict(os.environ)
    if test:
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
        return call([PYTHON, "-m", "pytest", *words[1:]], environment)
    if not words and not display():
        print("There is no display here, so the headless demo runs instead of the window.")
        words = ["demo", "--headless", "--out", "demo"]
    return call([PYTHON, "-m", "ui", *words], environment)


def set_up(extra: str) -> None:
    """Make the environment, and install where the requirements are not those of the last time."""
    wanted = hashlib.sha256(
        (ROOT / "pyproject.toml").read_bytes() + CONSTRAINTS.read_bytes()
    ).hexdigest()
    if not PYTHON.exists():
        say(f"Making the virtual environment {PLACE}")
        venv.create(PLACE, with_pip=True, clear=PLACE.exists())
    done = PLACE / f"installed-{extra or 'program'}"
    if done.exists() and done.read_text() == wanted:
        return
    say("Installing the program and what it needs; this takes some minutes the first time")
    target = f"{ROOT}[{extra}]" if extra else str(ROOT)
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    # torch first and by its exact version: a range takes a build that is gigabytes larger.
    torch = next(v for v in CONSTRAINTS.read_text().split() if v.startswith("torch=="))
    subprocess.run([*pip, torch], check=True)
    subprocess.run([*pip, "--constraint", CONSTRAINTS, "--editable", target], check=True)
    done.write_text(wanted)


def libraries() -> bool:
    """Name the system libraries that Qt misses, and the command that installs them."""
    if not sys.platform.startswith("linux"):
        return True
    missing = missing_libraries()
    if not missing:
        return True
    packages = sorted({PACKAGES[name] for name in missing if name in PACKAGES})
    unknown = [name for name in missing if name not in PACKAGES]
    print(f"Qt misses the system libraries {', '.join(missing)}.")
    if unknown or not shutil.which("apt-get"):
        print("Install them with the package manager of your system, then start again.")
        return False
    command = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    if os.geteuid() != 0:
        print(f"Install them, then start again:\n\n    sudo {command}\n")
        return False
    say(f"Installing them: {command}")
    subprocess.run(["apt-get", "update", "-qq"], check=False)
    subprocess.run([*command.split(), "-qq"], check=False, stdout=subprocess.DEVNULL)
    still = missing_libraries()
    if still:
        print(f"Qt still misses {', '.join(still)}.")
    return not still


def missing_libraries() -> list[str]:
    """Libraries that Qt's window system plug-ins name and the loader does not find."""
    found: set[str] = set()
    site = next((PLACE / "lib").glob("python3*/site-packages/PySide6"))
    plugins = site / "Qt" / "plugins" / "platforms"
    wanted = [site / "QtWidgets.abi3.so", site / "QtSvg.abi3.so", plugins / "libqoffscreen.so"]
    if display():
        wanted.append(plugins / "libqxcb.so")
    for file in wanted:
        listed = subprocess.run(["ldd", str(file)], capture_output=True, text=True, check=False)
        for line in listed.stdout.splitlines():
            if "not found" in line:
                found.add(line.split()[0])
    return sorted(found)


def display() -> bool:
    """Whether a window can be seen."""
    if WINDOWS or sys.platform == "darwin":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def call(command: list[object], environment: dict[str, str]) -> int:
    """Run in the project's folder; the exit status is the command's."""
    return subprocess.run([str(c) for c in command], cwd=ROOT, env=environment).returncode


def say(text: str) -> None:
    """Progress of the set-up."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
