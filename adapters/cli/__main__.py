"""`python -m adapters.cli`: the command `patriot` without its installed script."""

from adapters.cli.main import main

if __name__ == "__main__":
    main()
