"""Makes one table of the benchmarks' results: report.py DIRECTORY, with micro.json, signing.json,
chain.jsonl and orders.jsonl.

A row is a ratio of what is measured (result) to the least that can be done (floor) in the same run:
its target, and where the figure is steady enough for a shared machine, the bound that decides the
exit code. Medians over rounds; the ratio is the median of the rounds' own ratios. Of a micro
benchmark the quickest repetition counts: whatever else the machine does only ever adds to it.
"""

import json
import pathlib
import statistics
import sys

# A floor that varies by more than this between rounds says nothing about what stands on it.
MOST_SPREAD = 1.6


class Table:
    def __init__(self):
        self.rows = []
        self.failed = []

    def add(self, name, unit, floors, results, target=None, bound=None, at_least=False,
            spread_of=None):
        """`floors` and `results` by round. `bound`: exit code 1 beyond it, if the floor was
        steady. `spread_of`: samples whose spread decides whether there is a verdict; steady
        figures have none."""
        ratios = [result / floor for floor, result in zip(floors, results) if floor > 0]
        if not ratios:
            return
        ratio = statistics.median(ratios)
        spread = f"{min(ratios):.2f}..{max(ratios):.2f}" if len(ratios) > 1 else ""
        met = target is None or (ratio >= target if at_least else ratio <= target)
        verdict = "" if target is None else "ok" if met else "MISS"
        if spread_of and max(spread_of) > MOST_SPREAD * min(spread_of):
            verdict = "no verdict"
        steady = max(floors) <= MOST_SPREAD * min(floors)
        if bound is not None and steady and (ratio < bound if at_least else ratio > bound):
            self.failed.append(f"{name}: {ratio:.2f} breaks its bound of {bound:g}")
        sign = ">=" if at_least else "<="
        self.rows.append((name, f"{sign} {number(target)}" if target is not None else "",
                          f"{sign} {number(bound)}" if bound is not None else "",
                          f"{number(statistics.median(floors))} {unit}",
                          f"{number(statistics.median(results))} {unit}",
                          f"{ratio:.2f}", spread, verdict))

    def show(self, name, unit, value, target=None, bound=None):
        """A figure without a floor."""
        verdict = "" if target is None else "ok" if value <= target else "MISS"
        if bound is not None and value > bound:
            self.failed.append(f"{name}: {number(value)} breaks its bound of {bound:g}")
        self.rows.append((name, f"<= {number(target)}" if target is not None else "",
                          f"<= {number(bound)}" if bound is not None else "", "",
                          f"{number(value)} {unit}", "", "", verdict))

    def print(self):
        head = ("name", "target", "bound", "floor", "result", "ratio", "spread", "verdict")
        widths = [max(len(row[i]) for row in [head, *self.rows]) for i in range(len(head))]
        for row in [head, tuple("-" * width for width in widths), *self.rows]:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def number(value):
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def quickest_of(path):
    """Of each of google-benchmark's benchmarks the quickest repetition, by name."""
    document = json.loads(path.read_text(encoding="utf-8"))
    quickest = {}
    for one in document["benchmarks"]:
        if one.get("error_occurred"):
            sys.exit(f"{one['name']}: {one['error_message']}")
        known = quickest.setdefault(one["run_name"], one)
        if one["run_type"] == "iteration" and one["cpu_time"] < known["cpu_time"]:
            quickest[one["run_name"]] = one
    return quickest


def add_micro(table, path):
    quickest = quickest_of(path)

    def add(name, floor, result, target=None, bound=None):
        table.add(name, "ns", [quickest[floor]["cpu_time"]], [quickest[result]["cpu_time"]],
                  target, bound)

    for product in ("spot", "futures"):
        whole = f"ParseAndNormalise/{product}"
        add(f"parse + normalise, {product} 8+8, to bare on-demand", f"ParseFloor/{product}", whole,
            1.5, 2.2)
        add(f"parse + normalise, {product} 8+8, to nlohmann DOM", f"ParseNlohmann/{product}",
            whole, 0.25, 0.4)
        add(f"frame to queued event, {product}, to its parsing", whole, f"WholeFrame/{product}")
        table.show(f"allocations per frame, {product}", "", quickest[f"WholeFrame/{product}"]
                   ["allocations"], 2, 3)
    for depth in (20, 100, 200):
        add(f"book change, depth {depth}, to std::map", f"BookChange/map/{depth}",
            f"BookChange/vector/{depth}")
    add("book change + top 10, depth 200, to std::map", "BookChangeTop10/map/200",
        "BookChangeTop10/vector/200", 0.6, 0.9)
    add("top 10 copy, to std::map", "Top10Copy/map/200", "Top10Copy/vector/200")
    add("ParseMantissa, to Decimal::Parse", "DecimalOfText", "MantissaOfText")
    add("encode delta 8+8, to serialise into a kept string", "SerialiseToString", "EncodeDelta")


def add_signing(table, path):
    quickest = quickest_of(path)
    for name, fast, target_us in (("HashCreateOrder", "fast", 3), ("SignCreateOrder", "table", 70)):
        plain, ours = (quickest[f"{name}/{form}"]["cpu_time"] for form in ("plain", fast))
        what = "hash of an order" if name.startswith("Hash") else "signed order"
        table.add(f"Lighter, {what}, to the same done plainly", "us", [plain], [ours], None, 0.5)
        table.show(f"Lighter, {what}", "us", ours, target_us)


class Results:
    """What the driver of a benchmark wrote, an object a line."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.lines = [json.loads(line) for line in file]

    def select(self, case, **fields):
        return [line for line in self.lines if line["case"] == case
                and all(line.get(key) == value for key, value in fields.items())]

    def pairs(self, pick, case, **fields):
        """pick() of the floor and of the real side, by round."""
        return [[pick(line) for line in self.select(case, side=side, **fields)]
                for side in ("floor", "real")]


def add_latencies(table, chain):
    targets = {("1k", "p50_us"): 1.25, ("1k", "p99_us"): 1.5,
               ("20k", "p50_us"): 1.3, ("20k", "p99_us"): 2}
    for name in ("1k", "20k"):
        for path in ("service", "router"):
            p50 = chain.pairs(lambda line: line["p50_us"], "load", name=name, path=path)
            for key in ("p50_us", "p99_us", "p999_us"):
                pair = chain.pairs(lambda line: line[key], "load", name=name, path=path)
                # At 20k/s only the single hop has a target.
                target = targets.get((name, key)) if (name, path) != ("20k", "router") else None
                table.add(f"latency {name}/s, to client through {path}, {key[:-3]}", "us", *pair,
                          target, spread_of=p50[0])
        added = [[routed - direct for routed, direct in zip(*both)] for both in zip(*(
            chain.pairs(lambda line: line["p50_us"], "load", name=name, path=path)
            for path in ("router", "service")))]
        table.add(f"latency {name}/s, added by the router, p50", "us", *added,
                  1.2 if name == "1k" else None, spread_of=[max(each, 0.1) for each in added[0]])


def add_rates(table, chain):
    for path in ("service", "router"):
        rates = chain.pairs(lambda line: line["events_per_s"], "load", name="unpaced", path=path)
        table.add(f"unpaced, events/s through {path}", "/s", *rates,
                  0.5 if path == "service" else 1.0, at_least=True, spread_of=rates[0])


def add_cpu(table, chain):
    def cpu(process):
        return lambda line: line["cpu_us_per_event"][process]

    for name, target, bound in (("1k", None, 2.5), ("20k", None, 2.5)):
        table.add(f"CPU per update {name}/s, service", "us",
                  *chain.pairs(cpu("service"), "load", name=name, path="service"), target, bound)
        table.add(f"CPU per update {name}/s, router to forwarder", "us",
                  *chain.pairs(cpu("router"), "load", name=name, path="router"), target, bound)
    table.add("CPU per update unpaced, service", "us",
              *chain.pairs(cpu("service"), "load", name="unpaced", path="service"))
    for line in chain.select("load", side="floor", path="service"):
        name = line["name"]
        if not name.startswith("fan-out") or line["round"] != 0:
            continue
        wide = name == "fan-out 200 x 50"
        paid = chain.pairs(cpu("service"), "load", name=name)
        # How many updates share a write differs from one second to the next: one round of the
        # short form says nothing.
        bound = 2.0 if len(paid[0]) > 1 and not wide else None
        table.add(f"{name}: CPU per delivered update" + (", to batches of 10" if wide else ""),
                  "us", *paid, 1.5, bound, spread_of=paid[0])
        table.add(f"{name}: delivered", "/s",
                  *chain.pairs(lambda line: line["events_per_s"], "load", name=name),
                  at_least=True)
        p99 = chain.pairs(lambda line: line["p99_us"], "load", name=name)
        table.add(f"{name}: p99", "us", *p99)
        if wide:
            table.show(f"{name}: p99 alone", "ms", statistics.median(p99[1]) / 1e3, 25)
            lost = [1 - line["events_per_s"] / line["subscribers"] / line["frames_per_s"]
                    for line in chain.select("load", name=name, side="real")]
            table.show(f"{name}: lost or conflated", "%", 100 * statistics.median(lost))


def add_rest(table, chain):
    for key, what in (("shared_kib", "on a shared connection"), ("own_kib", "on its own")):
        table.add(f"memory, idle subscriber {what}", "KiB",
                  *chain.pairs(lambda line: line[key], "memory"), 1.5, 2.5)
    for side in ("floor", "real"):
        for process, kib in chain.select("memory", side=side)[0]["resident_kib"].items():
            table.show(f"memory at start, {process}", "MiB", kib / 1024)
    p50 = chain.pairs(lambda line: line["p50_us"], "unary")
    table.add("unary order book from memory, p50", "us", *p50, 1.15, spread_of=p50[0])
    table.add("unary order book from memory, CPU of the service", "us",
              *chain.pairs(lambda line: line["cpu_us"], "unary"))
    reconnect = chain.pairs(lambda line: line["ms"], "reconnect")
    table.add("reconnect to first update", "ms", *reconnect)
    table.show("reconnect to first update, above the bare one", "ms",
               statistics.median(real - floor for floor, real in zip(*reconnect)), 3)
    table.add("memory, further TLS connection to the exchange", "KiB",
              *chain.pairs(lambda line: line["kib"], "connection"), 2, 3)


def add_neighbours(table, chain):
    """What others cost a subscriber: the floor is the same service without them."""

    for path in ("service", "router"):
        nine, beside = (chain.select("load", name=name, path=path)
                        for name in ("nine", "nine beside a stuck one"))
        for key, target in (("p50_us", 1.1), ("p99_us", 1.5)):
            table.add(f"one of ten stuck, the others through {path}, {key[:3]}", "us",
                      [line[key] for line in nine], [line[key] for line in beside], target,
                      spread_of=[line["p50_us"] for line in nine])
        growth = [[line["growth_kib"] for line in chain.select("load", name=name, path=path)]
                  for name in ("flood", "flood beside a stuck one")]
        if growth[0]:
            table.show(f"one stuck, unpaced through {path}: growth of the service", "KiB",
                       statistics.median(growth[1]) - statistics.median(growth[0]), 1024, 4096)
    alone, symbols, subscribers = (
        [line["cpu_us_per_event"]["service"] for line in
         chain.select("load", name=name)]
        for name in ("busy alone", "busy beside idle symbols", "busy beside idle subscribers"))
    # Alone before and behind both.
    alone = [statistics.mean(pair) for pair in zip(alone, alone[len(symbols):])]
    for others, paid in (("symbols", symbols), ("subscribers", subscribers)):
        table.add(f"CPU per update beside 500 idle {others}", "us", alone, paid, 1.1, 1.35)


def add_ccxt(table, chain):
    # Unpaced, whoever keeps up wakes for every frame and whoever does not finds many at once: only
    # the paced figures compare alike.
    for name, bound in (("unpaced", None), ("1k", 0.75)):
        ccxt, book, delivered = (
            [line["cpu_us_per_frame"] for line in chain.select("peer", name=name, what=what)]
            for what in ("ccxt", "book", "delivered"))
        rate = f"CPU per frame {name}{'/s' if name == '1k' else ''}"
        table.add(f"{rate}, socket to book, to ccxt", "us", ccxt, book, 1 / 3, bound)
        table.add(f"{rate}, delivered to a client, to ccxt", "us", ccxt, delivered, 1 / 3)


def add_orders(table, orders):
    for mode in ("OFF", "NORMAL", "FULL"):
        p50 = orders.pairs(lambda line: line["first_byte_p50_us"], "place", mode=mode)
        for key in ("p50", "p99"):
            table.add(f"PlaceOrder to first byte at the exchange, journal {mode}, {key}", "us",
                      *orders.pairs(lambda line: line[f"first_byte_{key}_us"], "place", mode=mode),
                      spread_of=p50[0])
        table.add(f"PlaceOrder, journal {mode}, CPU of the service", "us",
                  *orders.pairs(lambda line: line["cpu_us"], "place", mode=mode))
    for mode in ("OFF", "NORMAL", "FULL"):
        rates = orders.pairs(lambda line: line["orders_per_s"], "sustained", mode=mode)
        callers = orders.select("sustained")[0]["callers"]
        table.add(f"orders/s, {callers} callers, journal {mode}", "/s", *rates, at_least=True,
                  spread_of=rates[0])
    for mode in ("OFF", "FULL"):
        for path in ("service", "router"):
            add_fills(table, orders, mode, path)
    for key in ("p50_us", "p99_us"):
        table.show(f"an append of 512 bytes and its sync, {key[:3]}", "us",
                   statistics.median(line[key] for line in orders.select("sync")))


def add_fills(table, orders, mode, path):
    """Against the bare chain of an update at the fills' pace, and with FULL a sync besides."""
    for key in ("p50_us", "p99_us"):
        floors = [line[key] for line in orders.select("load", name="fills", path=path)]
        if mode == "FULL":
            floors = [floor + line[key] for floor, line in zip(floors, orders.select("sync"))]
        fills = [line[key] for line in orders.select("fill", mode=mode, path=path)]
        table.add(f"fill's frame to client through {path}, journal {mode}, {key[:3]}", "us",
                  floors, fills, spread_of=floors)


def check_truth(table, chain):
    """What was lost or changed its form is no speed."""
    for line in chain.select("load", side="real"):
        if line["holes"]:
            table.failed.append(f"{line['name']} through {line['path']}: a sequence has "
                                f"{line['holes']} holes")
        if line["snapshots"]:
            print(f"note: {line['name']} through {line['path']}, round {line['round'] + 1}: the "
                  f"reader was too slow, {line['snapshots']} snapshots instead of deltas")


def main():
    table = Table()
    directory = pathlib.Path(sys.argv[1])
    chain = Results(directory / "chain.jsonl")
    add_micro(table, directory / "micro.json")
    add_signing(table, directory / "signing.json")
    add_latencies(table, chain)
    add_rates(table, chain)
    add_cpu(table, chain)
    add_rest(table, chain)
    add_neighbours(table, chain)
    add_ccxt(table, chain)
    add_orders(table, Results(directory / "orders.jsonl"))
    check_truth(table, chain)
    table.print()
    for line in table.failed:
        print("FAILED", line)
    return 1 if table.failed else 0


if __name__ == "__main__":
    sys.exit(main())
