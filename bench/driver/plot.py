# SPDX-License-Identifier: Apache-2.0
"""Plots as SVG, written by hand: how far each line is from its goals, and which thread spends what."""
import math
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, ROW = 900, 420, 90, 24
COLOURS = ("#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#b07aa1", "#76b7b2", "#9c755f", "#bab0ac")


def text(x, y, words, anchor="start", size=12, fill="#222"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
            f'fill="{fill}">{escape(words)}</text>')


def rect(x, y, width, height, fill):
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height}" fill="{fill}"/>'


def line(x, top, bottom, colour, dashes=""):
    return (f'<line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{bottom}" stroke="{colour}" '
            f'stroke-dasharray="{dashes}"/>')


def document(height, parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
            f'font-family="sans-serif">\n<rect width="100%" height="100%" fill="#fff"/>\n'
            + "\n".join(parts) + "\n</svg>\n")


def margin(row, value):
    """How many times better than `must` a value is."""
    return value / row["must"] if row["higher"] else row["must"] / value


def goals(rows):
    """A bar for each line that has goals: its length is how many times better than `must` it is."""
    rows = [r for r in rows if r.get("must") and r["value"]]
    top, low, high = 46, 1 / 4, 16

    def x(times):
        share = (math.log(min(max(times, low), high)) - math.log(low)) / math.log(high / low)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    bottom = top + ROW * len(rows)
    parts = [text(10, 20, "Times better than “must” (line at 1); the mark is “aim”", size=14)]
    for times in (0.25, 0.5, 1, 2, 4, 8, 16):
        parts += [line(x(times), top - 6, bottom, "#222" if times == 1 else "#ddd"),
                  text(x(times), top - 10, f"{times:g}", "middle", 11, "#666")]
    for i, row in enumerate(rows):
        y, times = top + i * ROW, margin(row, row["value"])
        good = "#59a14f" if times >= margin(row, row["aim"]) else "#f28e2b" if times >= 1 else "#e15759"
        a = x(margin(row, row["aim"]))
        parts += [text(LEFT - 8, y + 15, row["what"][:66], "end", 11),
                  rect(min(x(1), x(times)), y + 4, abs(x(times) - x(1)), 14, good),
                  f'<path d="M{a:.1f} {y + 2} l4 9 l-4 9 l-4 -9 z" fill="#222"/>',
                  text(WIDTH - RIGHT + 10, y + 15, f"{row['value']:,.3g} {row['unit']}", size=11)]
    return document(bottom + 12, parts)


def threads(profiles):
    """A stacked bar for each thread of each profile; see profile.py for their form."""
    parts, y = [text(10, 20, "CPU µs a message, by thread and place", size=14)], 40
    places = sorted({p for profile in profiles for t in profile["threads"] for p in t["places"]})
    colour = {p: COLOURS[i % len(COLOURS)] for i, p in enumerate(places)}
    longest = max(t["us"] for profile in profiles for t in profile["threads"])
    for i, place in enumerate(places):
        x = 20 + i * (WIDTH - 40) / len(places)
        parts += [rect(x, y, 12, 12, colour[place]), text(x + 16, y + 11, place, size=11)]
    y += 30
    for profile in profiles:
        parts.append(text(10, y + 12, f"{profile['name']}: {profile['us']:.1f} µs, "
                                      f"{profile['rate']:,.0f} messages/s", size=13))
        y += 20
        for thread in profile["threads"]:
            x, scale = 140, (WIDTH - 240) / longest
            parts.append(text(132, y + 13, thread["name"], "end", 11))
            for place, us in thread["places"].items():
                parts.append(rect(x, y + 2, us * scale, 16, colour[place]))
                x += us * scale
            parts.append(text(x + 6, y + 14, f"{thread['us']:.1f}", size=11))
            y += 22
        y += 10
    return document(y, parts)
