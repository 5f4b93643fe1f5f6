"""`python -m feedback` is the `feedback` command."""

from feedback.cli import main

if __name__ == "__main__":
    main()
