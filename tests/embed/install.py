"""Installs the libraries of a build below a folder, for programs that are built against them there."""
import os
import shlex
import subprocess


def pkg_config(folder, library, *options):
    """What a compiler needs for LIBRARY."""
    done = subprocess.run(["pkg-config", *options, library], capture_output=True, text=True,
                          check=True, env={**os.environ, "PKG_CONFIG_PATH": str(folder)})
    return shlex.split(done.stdout)


def install(build, root):
    """Where libplait.pc lies, after an installation below ROOT that changes nothing else."""
    subprocess.run(["meson", "install", "-C", str(build), "--no-rebuild", "--destdir", str(root),
                    "--quiet"], check=True)
    return next(root.rglob("libplait.pc")).parent


def relocate(pc_folder, root):
    """The prefix is a part of the files; the libraries are where ROOT is."""
    for pc in pc_folder.glob("*.pc"):
        text = pc.read_text()
        prefix = next(line for line in text.splitlines() if line.startswith("prefix="))
        pc.write_text(text.replace(prefix, f"prefix={root}{prefix.split('=')[1]}"))
