"""What every answer of both doors must carry, and what none may: the headers, one by one."""

ALWAYS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
SITE = "https://program.example"
FOR_STRANGERS = {("GET /thanks.gif", "cross-origin-resource-policy")}
"""A sandboxed frame counts as a stranger to us, and its thank-you has to load this too."""
BANNERS = {"server", "x-powered-by", "via"}


def policy(answer) -> str:
    return answer.headers["content-security-policy"]


def check(name, answer, framed=(), referrer="no-referrer"):
    assert answer.headers["referrer-policy"] == referrer, name
    headers = answer.headers
    for header, value in ALWAYS.items():
        if (name, header) not in FOR_STRANGERS and name not in framed:
            assert headers[header] == value, f"{name}: {header}"
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'"), name
    by = SITE if name in framed else "'none'"
    assert policy.endswith(f"frame-ancestors {by}"), name
    assert "unsafe" not in policy, name
    assert "*" not in policy, name
    assert "camera=()" in headers["permissions-policy"], name
    assert BANNERS.isdisjoint(headers), name
    assert "litestar" not in answer.text.lower(), name
    assert "traceback" not in answer.text.lower(), name
