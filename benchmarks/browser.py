"""The Chromium that benchmarks, tests and screenshots drive."""

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-unsafe-swiftshader",
)
"""What it needs to draw WebGL in software, as any user, without a display."""
