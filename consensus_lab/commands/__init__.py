"""The sub-commands of consensus-lab: a module each, with options(parser) and run(options)."""
