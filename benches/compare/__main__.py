"""Runs the jobs of scripts/bench and reports the results. Not meant to be started directly."""

import argparse
import os
import shutil
import subprocess
import sys

import growth
import jobs
import measure
import report

OUT = "out.parquet"


def main():
    options = parse_options()
    kept = report.Kept(os.path.join(options.place, f"rows-{options.rows}"), options.rows)
    if options.growth:
        figures = kept.load("growth").get("figures", {}) if options.add else {}
        begins = programs(options.tools, options)
        unknown(options, growth.tools())
        kept.store("growth", growth.run(options.place, options.rows, begins, options.runs, options.only, figures))
    else:
        for job in chosen(options):
            run(job, kept, options)
    kept.write(options.output, jobs.all_jobs(), options.python)
    print(f"written: {options.output}", file=sys.stderr)


def chosen(options):
    unknown(options, jobs.names())
    return [job for job in jobs.all_jobs() if options.only is None or job.name in options.only]


def unknown(options, names):
    wrong = set(options.only or []) - set(names)
    if wrong:
        sys.exit(f"scripts/bench: --only: unknown {', '.join(sorted(wrong))}; expected: {', '.join(names)}")


def run(job, kept, options):
    """Runs all contenders alternately, so that other load on the machine affects all of them."""
    contenders = [contender for contender in job.contenders if is_there(contender, options)]
    if options.before:
        ours = [contender for contender in contenders if contender.ours]
        contenders += [jobs.Contender(f"before: {c.name}", c.line, c.pipe_bytes) for c in ours]
    results = kept.load(job.name) if options.add else {}
    measure.warm([contender.line for contender in contenders], kept.data)
    for _ in range(options.runs):
        for contender in contenders:
            one_run(job, contender, kept.data, options, results)
    results = {name: result for name, result in results.items() if result["runs"]}
    kept.store(job.name, results)
    print(report.job_table(job, results), flush=True)


def is_there(contender, options):
    if contender.line.startswith("plain") or " plain" in contender.line:
        return os.path.exists(options.plain)
    peer = contender.line.split("with_")[-1].split(".py")[0] if "with_" in contender.line else None
    if contender.name == "arrow-pipes, runs" and not knows_runs(options.tools):
        return False
    return peer is None or peer in options.peers


def knows_runs(tools):
    told = subprocess.run([f"{tools}/parquet-to-stream", "--help"], capture_output=True, text=True)
    return "--runs" in told.stdout


def one_run(job, contender, data, options, results):
    tools = options.before if contender.name.startswith("before: ") else options.tools
    line = jobs.command(job, contender, OUT)
    result = results.setdefault(contender.name, {"line": line, "runs": []})
    try:
        measured = measure.run(line, data, programs(tools, options), contender.pipe_bytes)
        result["runs"].append(report.run_of(measured))
    except measure.Failed as failure:
        print(f"scripts/bench: {contender.name}: {failure}", file=sys.stderr)
    finally:
        # Unlinked before it is written back, so that it does not disturb the next run.
        remove(os.path.join(data, OUT))


def remove(path):
    if os.path.isdir(path):
        shutil.rmtree(path)
    elif os.path.exists(path):
        os.unlink(path)


def programs(tools, options):
    """The programs that the first words of the command lines stand for."""
    found = {name: [os.path.join(tools, name)] for name in os.listdir(tools) if "-" in name}
    found["plain"] = [options.plain]
    for peer in options.peers:
        found[f"with_{peer}.py"] = [options.python, os.path.abspath(f"benches/peers/with_{peer}.py")]
    return found


def parse_options():
    parser = argparse.ArgumentParser()
    for name in ("--place", "--tools", "--plain", "--output"):
        parser.add_argument(name, required=True)
    for name in ("--rows", "--runs"):
        parser.add_argument(name, type=int, required=True)
    parser.add_argument("--python")
    parser.add_argument("--peers", type=words, default=[])
    parser.add_argument("--before")
    parser.add_argument("--only", type=words)
    parser.add_argument("--add", action="store_true")
    parser.add_argument("--growth", action="store_true")
    return parser.parse_args()


def words(text):
    return [word for word in text.split(",") if word]


main()
