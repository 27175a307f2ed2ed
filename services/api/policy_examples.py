"""What the OpenAPI document shows as examples of municipalities, departments and policies."""

_VERSION = "hashtgerd/2026-11-01T00:00:00Z"
_SINCE = "2026-11-01T00:00:00+00:00"
_PAUSE = {
    "title_fa": "در انتظار پاسخ شهروند",
    "title_en": "Waiting for the citizen",
    "longest": {"seconds": 144_000, "working_time": True},
    "clocks": ["resolution", "holding"],
}
_BODY = {
    "title_fa": "شرکت آب و فاضلاب",
    "title_en": "Water and waste-water company",
    "contact": "duty@water.example",
    "pause": None,
}
_DISTRICT = {"district": "2", "department": "parks", "goes_to": "parks-east"}
MUNICIPALITY = {
    "id": "hashtgerd",
    "title_fa": "هشتگرد",
    "title_en": "Hashtgerd",
    "language": "fa",
    "zone": "Asia/Tehran",
    "centre": "ravabet",
    "pauses": [{"id": "waiting-for-citizen", **_PAUSE}],
    "bodies": [{"id": "water", **_BODY}],
    "districts": [_DISTRICT],
    "transfers_max": 3,
    "dispute_within": {"seconds": 2_592_000, "working_time": False},
    "silence": {"seconds": 144_000, "working_time": True},
    "duplicates": {
        "metres_max": 60,
        "within": {"seconds": 259_200, "working_time": False},
        "settling_seconds": 20,
    },
    "policy_version": _VERSION,
}
DEPARTMENT = {
    "municipality": "hashtgerd",
    "id": "parks",
    "title_fa": "سازمان پارک‌ها و فضای سبز",
    "title_en": "Parks and green-space organisation",
    "parent": "khadamat",
    "deputy": "khadamat",
    "calendar": "city",
    "holding": {"seconds": 288_000, "working_time": True},
    "escalation": [
        {"role": "head", "after": {"seconds": 3_600, "working_time": True}},
        {"role": "deputy", "after": {"seconds": 28_800, "working_time": True}},
    ],
    "is_centre": False,
}
CATEGORY = {
    "municipality": "hashtgerd",
    "id": "GRN-02",
    "title_fa": "درخت افتاده",
    "title_en": "Fallen tree",
    "department": "parks",
    "problem_report": True,
    "priority": "high",
    "location_required": True,
    "first_response": {"seconds": 7_200, "working_time": False},
    "resolution": {"seconds": 86_400, "working_time": True},
    "other_budgets": [
        {
            "channel": "phone",
            "department": None,
            "first_response": {"seconds": 3_600, "working_time": False},
            "resolution": None,
        }
    ],
    "warn_percents": [50, 80],
    "shown": ["photo"],
}
LISTED = {
    "version": _VERSION,
    "municipality": "hashtgerd",
    "since": _SINCE,
    "in_force": True,
    "href": f"/api/v1/policies/{_VERSION}",
}
POLICY = {
    "version": _VERSION,
    "municipality": "hashtgerd",
    "since": _SINCE,
    "departments": [],
    "categories": [],
    "calendars": [
        {
            "calendar_id": "city",
            "zone": "Asia/Tehran",
            "closed_dates": [{"day": "2027-06-16", "reason": "عاشورا", "estimated": True}],
        }
    ],
    "budgets": [
        {
            "channel": "phone",
            "priority": "high",
            "problem_report": True,
            "first_response": {"seconds": 3_600, "working_time": False},
        }
    ],
    "pauses": [{"reason": "waiting-for-citizen", **_PAUSE}],
    "bodies": [{"body": "water", **_BODY}],
    "districts": [_DISTRICT],
}
