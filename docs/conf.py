"""Sphinx's settings: Markdown pages, the Furo theme, nothing fetched from elsewhere."""

project = "Ops Tower"
author = "The Ops Tower authors"
copyright = "2026, the Ops Tower authors"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = "Ops Tower"
html_show_sphinx = False
