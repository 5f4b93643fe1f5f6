"""What axe is asked, and which of its answers depend on how wide and how light a page is."""

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CONTRAST = "color-contrast"
BY_LAYOUT = [CONTRAST, "target-size", "scrollable-region-focusable", "link-in-text-block"]
"""The rules whose verdict can change with the width or the colours; the others read the document."""
RUN = """
only => axe.run({resultTypes: ['violations'], runOnly: only})
  .then(it => it.violations.map(rule => [rule.id, rule.nodes.map(node => node.html.slice(0, 120))]))
"""
