"""The command line as a module: `python -m workers.cli`, as the stack starts its children."""

from workers.cli import main

if __name__ == "__main__":
    main()
