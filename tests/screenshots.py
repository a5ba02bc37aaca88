"""`make screenshots`: every page at desktop and phone width, light and dark, into `.screenshots/`, to be looked at."""

import argparse
import asyncio
import shutil
import sys
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from care_notifications.adapters.intake_messages import Sought
from tests.gallery import Gallery, gallery

FOLDER = Path(__file__).resolve().parent.parent / ".screenshots"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LOOKS = {
    "desktop": {"viewport": {"width": 1360, "height": 860}},
    "desktop-dark": {"viewport": {"width": 1360, "height": 860}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True},
    "phone-dark": {
        "viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True, "color_scheme": "dark",
    },
}  # fmt: skip
FIRST = "SELECT gap_id, patient_id FROM alerts ORDER BY tier, due_sort DESC LIMIT 1"
# Name of the picture, path, who looks; `{gap}` and `{patient}` are those of the first alert. A page is a line here.
PAGES = [
    ("worklist", "/", "anna"),
    ("worklist-all", "/?tab=all", "chloe"),
    ("worklist-closed", "/?tab=closed", "anna"),
    ("alert", "/alerts/{gap}", "anna"),
    ("patients", "/patients", "anna"),
    ("patient", "/patients/{patient}", "anna"),
    ("patient-print", "/patients/{patient}/print", "anna"),
    ("team", "/team/board", "chloe"),
    ("shift", "/team/shift", "anna"),
    ("shift-all", "/team/shift?who=all&shift=12h", "chloe"),
    ("insight", "/insight", "chloe"),
    ("rules", "/insight/rules", "chloe"),
    ("rule", "/insight/rules/TCM-CONTACT", "chloe"),
    ("fairness", "/insight/fairness", "chloe"),
    ("backtests", "/insight/backtests", "chloe"),
    ("backtest", "/insight/backtests/{backtest}", "chloe"),
    ("filters", "/filters?tab=all", "anna"),
    ("views", "/views", "anna"),
    ("worklist-empty", "/?rule=no-such-rule", "anna"),
    ("trace", "/alerts/{gap}/trace/e-1", "anna"),
    ("help", "/help", "anna"),
    ("not-found", "/alerts/nobody", "anna"),
    ("interfaces", "/interfaces", "ivy"),
    ("interface-codes", "/interfaces/feeds/north-clinic/codes", "ivy"),
    ("interface-messages", "/interfaces/messages", "ivy"),
    ("interface-message", "/interfaces/messages/{receipt}", "ivy"),
    ("interface-message-refused", "/interfaces/messages/{refused}", "ivy"),
    ("interface-set-aside", "/interfaces/set-aside", "ivy"),
    ("interface-cause", "/interfaces/set-aside/{cause}", "ivy"),
    ("interface-identities", "/interfaces/identities", "ivy"),
    ("interface-identity", "/interfaces/identities/1", "ivy"),
    ("interface-glance", "/interfaces/glance", "ivy"),
    ("interface-letters", "/interfaces/dead-letters", "ivy"),
    ("interface-letters-of-cause", "/interfaces/dead-letters/causes/{letters}", "ivy"),
    ("interface-letter", "/interfaces/dead-letters/{letter}", "ivy"),
    ("interface-new-feeds", "/interfaces/onboarding", "ivy"),
    ("interface-new-feed", "/interfaces/onboarding/{draft}", "ivy"),
    ("interface-first-message", "/interfaces/onboarding/{draft}/message", "ivy"),
    ("portal-alerts", "/portal/", "harbor"),
    ("portal-in-hand", "/portal/?pile=in-hand", "harbor"),
    ("portal-over", "/portal/?pile=over", "harbor"),
    ("portal-alert", "/portal/alerts/{theirs}", "harbor"),
    ("portal-endpoints", "/portal/endpoints", "harbor"),
    ("portal-endpoint", "/portal/endpoints/endpoint-harbor", "harbor"),
    ("portal-attempt", "/portal/endpoints/endpoint-harbor/attempts/{delivery}/1", "harbor"),
    ("portal-service", "/portal/service", "harbor"),
    ("portal-code", "/portal/code", "harbor"),
    ("portal-agreement", "/portal/agreement", "harbor"),
    ("portal-not-found", "/portal/tasks/nobody", "harbor"),
]


async def sign_in(page: Page, day: Gallery, who: str) -> None:
    """Through the door, as anybody."""
    await page.goto(f"{day.url}/sign-in")
    await page.get_by_label("Name").fill(who)
    await page.get_by_label("Password").fill(day.passwords[who])
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("button", name="Sign out").wait_for()


async def names_on(day: Gallery) -> dict[str, str]:
    """What the addresses of pages name: the first alert and its patient, a backtest, and what Harbor can see."""
    pool = day.there.pool
    first = await pool.fetchrow(FIRST)
    theirs = await pool.fetchval("SELECT gap_id FROM partner_tasks WHERE status = 'requested' ORDER BY answer_by")
    sent = await pool.fetchval("SELECT delivery_id FROM deliveries WHERE sequence = 1")
    backtest = await pool.fetchval("SELECT run_id FROM backtest_runs")
    desk = day.app.doors.web.state.desk.intake
    causes = await desk.causes()
    story, refused = [
        (await desk.messages.search(Sought(named=number))).messages[0].receipt_id for number in ("ADT999", "NC4")
    ]
    return {
        "letter": await pool.fetchval("SELECT letter_id FROM dead_letters ORDER BY recorded_at"),
        "letters": (await day.app.hearing.letters.shelf.piles())[0].cause.id,
        "draft": await pool.fetchval("SELECT draft_id FROM feed_drafts"),
        "cause": causes[0].id, "receipt": story, "refused": refused,
        "gap": first["gap_id"], "patient": first["patient_id"], "backtest": backtest, "theirs": theirs,
        "delivery": sent,
    }  # fmt: skip


async def draw(day: Gallery, browser: Browser, wanted: str) -> None:
    """All pages in all looks; whoever looks signs in once per look."""
    ids = await names_on(day)
    for look, options in LOOKS.items():
        outside = await browser.new_page(**options)
        await outside.goto(f"{day.url}/sign-in")
        await outside.screenshot(path=FOLDER / f"sign-in.{look}.png")
        for who in sorted({one[2] for one in PAGES}):
            context = await browser.new_context(**options)
            page = await context.new_page()
            await sign_in(page, day, who)
            for name, path, looks in PAGES:
                if looks == who and wanted in name:
                    answer = await page.goto(day.url + path.format_map(ids))
                    assert answer is not None
                    assert answer.status < 500, name
                    await page.screenshot(path=FOLDER / f"{name}.{look}.png", full_page=True)
            await context.close()


async def run(wanted: str, port: int) -> int:
    """Draw, or only serve when a port is named."""
    async with gallery(port) as day:
        if port:
            print(f"{day.url}  passwords: {day.passwords}", flush=True)
            await asyncio.Event().wait()
        FOLDER.mkdir(exist_ok=True)
        async with async_playwright() as play:
            browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            await draw(day, browser, wanted)
            await browser.close()
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER.name}/")
    return 0


def main() -> int:
    """Exit code 0 when every picture was drawn."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("wanted", nargs="?", default="", help="only pages whose name holds this")
    words.add_argument("--serve", type=int, default=0, metavar="PORT", help="serve the day instead")
    asked = words.parse_args()
    if CHROMIUM is None:
        print("No Chromium here; on Debian: apt-get install chromium")
        return 1
    return asyncio.run(run(asked.wanted, asked.serve))


if __name__ == "__main__":
    sys.exit(main())
