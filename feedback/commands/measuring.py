"""bench: the figures an operator can repeat."""

import click


@click.command()
@click.option("--responses", default=2_000, show_default=True, help="How many made-up responses to use.")
def bench(responses: int) -> None:
    """Measure pages, durable answers, a release and the dashboard, on a throw-away deployment."""
    from feedback.operations import bench as measuring

    for line in measuring.run(responses):
        print(line, flush=True)


COMMANDS = (bench,)
