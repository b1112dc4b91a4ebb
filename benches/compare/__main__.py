"""The part of scripts/bench that runs the jobs and tells what came out. Not to be started by itself."""

import argparse
import os
import subprocess
import sys

import jobs
import measure
import report

OUT = "out.parquet"


def main():
    options = parse_options()
    chosen = [job for job in jobs.all_jobs() if options.only is None or job.name in options.only]
    unknown = set(options.only or []) - {job.name for job in chosen}
    if unknown:
        sys.exit(f"scripts/bench: no job {', '.join(sorted(unknown))}; --list tells them")
    kept = report.Kept(options.data, options.rows)
    for job in chosen:
        contenders = [c for c in job.contenders if is_there(c, options)]
        if options.before:
            ours = [c for c in contenders if c.ours]
            contenders += [jobs.Contender(f"before: {c.name}", c.line, c.pipe_bytes) for c in ours]
        results = kept.load(job.name) if options.add else {}
        for number in range(options.runs):
            for contender in contenders:
                one_run(job, contender, options, results)
        results = {name: result for name, result in results.items() if result["runs"]}
        kept.store(job.name, results)
        print(report.job_table(job, results), flush=True)
    if options.report:
        kept.write(options.report, jobs.all_jobs())


def is_there(contender, options):
    program = contender.line.split("with_")[-1].split(".py")[0] if "with_" in contender.line else None
    if contender.name == "arrow-pipes, runs" and not knows_runs(options.tools):
        return False
    return program is None or program in options.peers


def knows_runs(tools):
    told = subprocess.run([f"{tools}/parquet-to-stream", "--help"], capture_output=True, text=True)
    return "--runs" in told.stdout


def one_run(job, contender, options, results):
    tools = options.before if contender.name.startswith("before: ") else options.tools
    programs = {name: [os.path.join(tools, name)] for name in os.listdir(tools) if "-" in name}
    programs["plain"] = [options.plain]
    for peer in options.peers:
        programs[f"with_{peer}.py"] = [options.python, os.path.join(options.peer_scripts, f"with_{peer}.py")]
    line = jobs.command(job, contender, OUT)
    result = results.setdefault(contender.name, {"line": line, "runs": []})
    try:
        measured = measure.run(line, options.data, programs, contender.pipe_bytes)
        result["runs"].append(report.run_of(measured))
    except measure.Failed as failure:
        print(f"scripts/bench: {contender.name}: {failure}", file=sys.stderr)
    finally:
        # Unlinked before it is written back, so that it disturbs nobody after it.
        if os.path.exists(os.path.join(options.data, OUT)):
            os.unlink(os.path.join(options.data, OUT))


def parse_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--tools", required=True)
    parser.add_argument("--plain", required=True)
    parser.add_argument("--python")
    parser.add_argument("--peer-scripts")
    parser.add_argument("--peers", type=words, default=[])
    parser.add_argument("--before")
    parser.add_argument("--runs", type=int, required=True)
    parser.add_argument("--only", type=words)
    parser.add_argument("--add", action="store_true")
    parser.add_argument("--report")
    return parser.parse_args()


def words(text):
    return [word for word in text.split(",") if word]


main()
