"""One module a page, each with `TITLE` and `show(edition)`: choose, get, draw. No SQL, no chart grammar, no markup.

The module's name is the page's address. The order here is the order of the navigation; the first page is the front page.
"""

from types import ModuleType

from dashboards.app_pages import (
    builds,
    catalogue,
    comparison,
    flow,
    gap,
    grants,
    meetings,
    municipality,
    progress,
    reach,
    reports,
    submissions,
    support,
)

GROUPS: dict[str, tuple[ModuleType, ...]] = {
    "毎日見る": (progress, municipality, submissions),
    "支援の中身": (flow, gap, meetings, reach),
    "県の仕事": (grants, support, reports),
    "読み解く": (comparison, catalogue, builds),
}
