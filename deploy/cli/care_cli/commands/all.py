"""Every command of `carelead`, put together; none of them imports a service before it runs."""

from care_cli.commands.account import account
from care_cli.commands.backtest import backtest
from care_cli.commands.check_ins import check_ins
from care_cli.commands.contracts import contracts
from care_cli.commands.demo import demo
from care_cli.commands.digests import digests
from care_cli.commands.doctor import doctor
from care_cli.commands.evaluate import evaluate
from care_cli.commands.explain import explain
from care_cli.commands.feed import feed
from care_cli.commands.fhir_token import fhir_token
from care_cli.commands.identity import doubts, merge, unmerge
from care_cli.commands.intake import intake
from care_cli.commands.migrate import migrate
from care_cli.commands.partner import partner
from care_cli.commands.people import audit, cover, leave, people
from care_cli.commands.policy import policy
from care_cli.commands.reset import reset
from care_cli.commands.rules import rules
from care_cli.commands.score import score
from care_cli.commands.send import send
from care_cli.commands.smoke import smoke
from care_cli.commands.token import token
from care_cli.commands.topics import topics
from care_cli.commands.trace import trace
from care_cli.commands.translate import translate
from care_cli.manners import application

app = application()
for command in (
    demo,
    smoke,
    feed,
    trace,
    explain,
    translate,
    evaluate,
    backtest,
    doctor,
    migrate,
    topics,
    account,
    check_ins,
    audit,
    cover,
    reset,
):
    app.command()(command)
people.command()(digests)
app.add_typer(people, name="people")
app.add_typer(leave, name="leave")
app.add_typer(send, name="send")
app.add_typer(score, name="score")
app.add_typer(policy, name="policy")
app.add_typer(partner, name="partner")
app.add_typer(rules, name="rules")
intake.add_typer(doubts, name="doubts")
intake.command()(merge)
intake.command()(unmerge)
app.add_typer(intake, name="intake")
app.add_typer(contracts, name="contracts")
app.add_typer(token, name="token")
app.add_typer(fhir_token, name="fhir-token")
