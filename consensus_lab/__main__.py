"""`python -m consensus_lab` is the command consensus-lab."""

from .cli import main

raise SystemExit(main())
