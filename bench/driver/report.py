# SPDX-License-Identifier: Apache-2.0
"""Rows of the result: marks against the goals, a markdown table, JSON."""
import json


def mark(value, goal, higher):
    if goal is None:
        return ""
    return "yes" if (value >= goal if higher else value <= goal) else "**no**"


def number(value):
    if value is None:
        return ""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value else "0"


class Report:
    def __init__(self):
        self.rows = []

    def row(self, what, against, value, must, aim, higher, unit="×", **more):
        row = {"what": what, "against": against, "value": value, "must": must, "aim": aim,
               "higher": higher, "unit": unit, **more}
        self.rows.append(row)
        print("  " + self.text(row), flush=True)

    def skipped(self, what, must, aim):
        self.rows.append({"what": what, "value": None, "must": must, "aim": aim})

    def failed(self, name, why):
        print(f"  {name} FAILED: {why}", flush=True)
        self.rows.append({"what": f"{name}: {why.splitlines()[0][:120]}", "against": "", "value": None,
                          "must": None, "aim": None, "failed": True})

    @staticmethod
    def text(row):
        if row["value"] is None:
            state, marks = ("**failed**", "**no**") if row.get("failed") else ("not run: KIT", "")
            return (f"| {row['what']} | | {state} | {number(row['must'])} | {number(row['aim'])} | "
                    f"{marks} | {marks} | | |")
        spread = row.get("spread") or [row["value"]]
        pair = f"{number(row['ours'])} : {number(row['theirs'])}" if "ours" in row else ""
        noise = f"{row['noise']:.0f} %" if "noise" in row else ""
        cells = [row["what"], row["against"],
                 f"{number(row['value'])} {row['unit']} ({number(min(spread))}–{number(max(spread))})",
                 number(row["must"]) if row["must"] is not None else "",
                 number(row["aim"]) if row["aim"] is not None else "",
                 mark(row["value"], row["must"], row["higher"]),
                 mark(row["value"], row["aim"], row["higher"]), pair, noise]
        return "| " + " | ".join(cells) + " |"

    def markdown(self):
        head = ["| line | against | reached (lowest–highest) | must | aim | must | aim | "
                "ours : theirs | noise |", "|---|---|---:|---:|---:|---|---|---:|---:|"]
        return "\n".join(head + [self.text(r) for r in self.rows]) + "\n"

    def json(self, machine, samples, profiles):
        return json.dumps({"machine": machine, "rows": self.rows, "profiles": profiles,
                           "samples": [{"target": t, "load": l, "runs": r}
                                       for (t, l), r in samples.items()]}, indent=1)
