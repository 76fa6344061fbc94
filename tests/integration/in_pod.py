"""`gateproof` as in a Pod, for tests: with a service account in the folder that comes first, and a quick poll."""

import sys
from pathlib import Path

from gateproof.adapters import cluster
from gateproof.cli import main
from gateproof.server import service

cluster.Cluster.__init__.__defaults__ = (Path(sys.argv.pop(1)),)
service._CLUSTER_SECONDS = service.WATCH_SECONDS = service._RETRY_SECONDS = 0.2
main()
