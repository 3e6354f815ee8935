"""The command line `neonpro`: one file a command, gathered in `commands`."""
