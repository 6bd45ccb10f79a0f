"""`countersign manifest`: the Slack app manifest, made from the skills."""

import argparse
from typing import TYPE_CHECKING

import yaml

from bot.configuration import load
from bot.slack.manifest import manifest
from skills.core.errors import BadInput
from skills.core.registry import discover

if TYPE_CHECKING:
    from bot.settings import Settings


def run(arguments: argparse.Namespace, settings: "Settings") -> int:
    """Print it as YAML, ready to be pasted into “Create an app from a manifest”."""
    mode = arguments.mode or load(settings.config, settings.environ).slack.mode
    try:
        made = manifest(discover(), mode, arguments.request_url)
    except ValueError as problem:
        raise BadInput(str(problem)) from problem
    print(yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=120), end="")
    return 0
