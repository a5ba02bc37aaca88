"""Every command of `carelead`, put together; none of them imports a service before it runs."""

from care_cli.commands.contracts import contracts
from care_cli.commands.feed import feed
from care_cli.commands.reset import reset
from care_cli.commands.topics import topics
from care_cli.manners import application

app = application()
app.command()(feed)
app.command()(topics)
app.command()(reset)
app.add_typer(contracts, name="contracts")
