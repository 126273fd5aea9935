"""Starts Debian's wapiti 3.0.4, whose -x does not work with Python 3.11.

Its pattern for an excluded address ends in flags, which newer Pythons take at
the beginning alone.
"""
import fnmatch
import re
import sys

from wapitiCore.main import wapiti
from wapitiCore.net import crawler

crawler.wildcard_translate = lambda pattern: re.compile(fnmatch.translate(pattern))
sys.exit(wapiti.wapiti_main())
