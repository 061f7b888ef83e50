"""`python -m runner`: what run_all.sh calls."""

import contextlib
import os
import signal
import sys
import time
from argparse import Namespace
from datetime import UTC, datetime

from helpers.base.errors import CourseError
from helpers.base.headless import start_log
from helpers.base.paths import display_path, runs_dir
from helpers.study.study import list_studies
from helpers.training.tracking import name_group
from runner import finish, first, lab, records, snakemake, work
from runner.expectations import expectations
from runner.faults import fault_in_words, full_disk
from runner.graph import ChapterFiles
from runner.jobs import all_jobs
from runner.listing import listing
from runner.options import parse_options
from runner.plan import StudyPlan, chosen_studies, plan
from runner.privacy import tidy_logs
from runner.processes import only_one
from runner.progress import RunProgress, clock
from runner.scratch import own_place
from runner.work import Work

INTERRUPTED = 130  # what shells report for Ctrl-C


def main(arguments: list[str]) -> int:
    """Exit status: 0 all well, 1 a chapter failed, 2 the command or a study cannot be used, 130 interrupted."""
    options = parse_options(arguments)
    if options.data:
        os.environ["IMAGE_COURSE_DATA"] = str(options.data)
    try:
        first.refuse(options)
        if options.list:
            print("\n".join(listing(list_studies())))
            return 0
        if options.download:
            print("\n".join(fetched(options)))
            return 0
        plans = plan(options)
        for item in plans:
            if item.said:
                print(f"run_all.sh: {item.said}", file=sys.stderr)
        if options.lab:
            return lab.open_lab(plans, options.snakemake)
    except CourseError as error:
        print(f"run_all.sh: {error}", file=sys.stderr)
        return 2
    try:
        return _run_alone(plans, options)
    except (CourseError, OSError) as error:  # such as a full disk
        print(f"run_all.sh: {fault_in_words(str(error)) or error}", file=sys.stderr)
        return 1


def fetched(options: Namespace) -> list[str]:
    """Fetch the real images of the studies asked for; one line each says where they lie.

    Raises CourseError for a set that cannot be fetched, naming the file and where to put it.
    """
    from runner.downloads import download

    start_log()
    return [f"{study.name}: {display_path(download(study))}" for study in chosen_studies(options)]


def _run_alone(plans: list[StudyPlan], options: Namespace) -> int:
    with only_one(runs_dir() / ".lock") as alone:
        if not alone:
            print("run_all.sh: another run is at work in this folder; wait for it or stop it", file=sys.stderr)
            return 1
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        is_dry = snakemake.is_dry(options.snakemake)
        kept = records.left_as_they_are(item.name for item in plans) if is_dry else contextlib.nullcontext()
        try:
            with own_place(), kept:
                return _make(plans, options)
        except KeyboardInterrupt:
            print("\nStopped. The same command continues from here.", file=sys.stderr)
            return INTERRUPTED
        finally:
            tidy_logs()


def _make(plans: list[StudyPlan], options: Namespace) -> int:
    """Make what is not up to date, or have Snakemake say what it would do."""
    start, began = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    if not snakemake.is_dry(options.snakemake):
        finish.begin()
    name_group({item.name: [item.keys, item.models] for item in plans})
    elsewhere = snakemake.is_elsewhere(options.snakemake)
    jobs = options.jobs or (None if elsewhere else snakemake.usual_jobs(len(plans)))
    # Who asks for one at a time has chapters train for themselves, as in JupyterLab.
    apart = elsewhere or options.shards or options.jobs != 1
    needs, known = all_jobs(plans, options.shards or int(elsewhere))
    to_do = work.find_work(plans, needs if apart else {}, known, again=work.is_forced(options.snakemake))

    def command(seconds: float, made: list[str]) -> finish.Command:
        done = finish.jobs_done(needs, known)
        return finish.Command(began, seconds, jobs, snakemake.threads_of(jobs), made, done)

    work.write_graph(plans, to_do, one_at_a_time=jobs == 1)
    for item in plans:
        numbers = ", ".join(chapter.split("_")[0] for chapter in item.chapters)
        print(f"{item.study.title} ({item.kind}): {numbers}", flush=True)
    if to_do.is_empty:
        return _finish(plans, to_do, options, 0, None, command(0.0, []))
    progress = RunProgress(
        [ChapterFiles(*name.split("/")) for name in to_do.names],
        expected=expectations(plans, to_do),
        at_a_time=jobs or len(to_do.jobs) or 1,
        lively=not options.snakemake or elsewhere,
    )
    if snakemake.is_dry(options.snakemake):
        return int(snakemake.run(jobs, options.snakemake, progress, lambda: None, elsewhere) != 0)
    live = finish.Live(plans, to_do, progress)
    live.follow()
    try:
        status = snakemake.run(jobs, options.snakemake, progress, live.follow, elsewhere)
    except BaseException:  # Ctrl-C, a full disk
        with contextlib.suppress(OSError):
            finish.write_report(plans, finish.outcomes(plans, to_do.states, "stopped"))
        raise
    return _finish(plans, to_do, options, status, progress, command(round(time.monotonic() - start), to_do.names))


def _finish(
    plans: list[StudyPlan],
    done: Work,
    options: Namespace,
    status: int,
    progress: RunProgress | None,
    command: finish.Command,
) -> int:
    """Say how it went, in the report and here; the exit status."""
    outcomes = finish.outcomes(plans, done.states)
    finish.write_report(plans, outcomes, command=command)
    asked = [outcomes[item.name].get(chapter) for item in plans for chapter in item.chapters]
    missing = [record for record in asked if record is None or record.status == "stale"]
    if {"--until", "-U"} & set(options.snakemake):  # the others are left out on purpose
        asked, missing = [record for record in asked if record not in missing], []
    print("\n".join(finish.summary(plans, outcomes)))
    print(f"It took {clock(command.seconds)}." if progress else "Nothing had changed, so no chapter was run.")
    went_well = not missing and all(record.status == "ok" for record in asked)
    if status and went_well:
        print(f"run_all.sh: a page could not be made; see {display_path(snakemake.log_file())}", file=sys.stderr)
    elif missing:
        # Snakemake itself has ended: most likely the disk is full, else it says why.
        log = snakemake.log_file()
        said = log.read_text(encoding="utf-8").split("\n")[-8:] if log.exists() else []
        print(full_disk() or "\n".join([*said, "run_all.sh: not every chapter could begin"]), file=sys.stderr)
    return int(status != 0 or not went_well)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `run_all.sh | head` ends like any other program
    sys.exit(main(sys.argv[1:]))
