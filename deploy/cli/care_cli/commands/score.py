"""`carelead score trend`: the statistics behind a trend alert, for any file of values, without a server."""

from pathlib import Path
from typing import Annotated

import typer

from care_cli.commands.clinical_scores import add_clinical_scores
from care_cli.commands.score_history import history
from care_cli.output import plural, say, say_json

score = typer.Typer(no_args_is_help=True, help="The scores and statistics behind an alert.")

SeriesFile = Annotated[Path, typer.Argument(help="CSV with a head line: time, value and perhaps slot.")]
Period = Annotated[int, typer.Option(min=0, help="Samples per season, 12 for months; 0: not seasonal.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object instead of lines.")]


@score.callback()
def scores() -> None:
    """The scores and statistics behind an alert."""


add_clinical_scores(score)
score.command()(history)


@score.command()
def trend(file: SeriesFile, period: Period = 0, as_json: AsJson = False) -> None:
    """Mann-Kendall's S, variance, Z and p, and Sen's slope with its 95 % interval."""
    from care_cli.files import read_text
    from care_cli.series_file import read_series
    from care_scoring.core.statistics import trend_of

    series = read_series(read_text(file), period)
    found = trend_of(series.strata)
    slope = found.slope * period if period else found.slope
    low, high = found.slope_interval()
    unit = f"season of {period} samples" if period else series.unit
    if as_json:
        numbers = {"n": series.count, "s": found.s, "variance": found.variance, "z": found.z, "p": found.p}
        say_json({**numbers, "slope": slope, "per": unit})
        return
    say(f"{plural(series.count, 'value')} in {plural(len(series.strata), 'slot')}")
    say(f"  S         {found.s}")
    say(f"  variance  {found.variance:.4f}")
    say(f"  Z         {found.z:.6f}")
    say(f"  p         {found.p:.6g} (two-sided)")
    say(f"  slope     {slope:.6g} per {unit}, 95 % {low * (period or 1):.6g} to {high * (period or 1):.6g}")
