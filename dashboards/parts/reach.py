"""Which KPIs the page of outreach, participation and community building shows. Its charts are the shared ones."""

OUTREACH = ("outreach_persons", "outreach_contacts", "outreach_met_share")
PARTICIPATION = ("new_matches", "retention_6m")
COMMUNITY = ("places", "place_visitors", "places_open_to_all_share", "resource_needs_open", "resources_developed")
