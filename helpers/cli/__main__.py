"""`python -m helpers.cli`: what run_all.sh calls."""

import os
import signal
import sys
from argparse import Namespace

from helpers.cli import finish, first, records, snakemake
from helpers.cli.graph import ChapterFiles
from helpers.cli.jobs import all_jobs
from helpers.cli.listing import listing
from helpers.cli.options import parse
from helpers.cli.plan import StudyPlan, chosen_studies, plan, write_graph
from helpers.cli.processes import only_one
from helpers.cli.progress import Progress
from helpers.errors import CourseError
from helpers.faults import full_disk, in_words
from helpers.headless import start_log
from helpers.paths import display_path, runs_dir
from helpers.privacy import tidy_logs
from helpers.study import list_studies
from helpers.tracking import name_group

INTERRUPTED = 130  # what shells report for Ctrl-C


def main(arguments: list[str]) -> int:
    """Exit status: 0 all well, 1 a chapter failed, 2 the command or a study cannot be used, 130 interrupted."""
    options = parse(arguments)
    if options.data:
        os.environ["IMAGE_COURSE_DATA"] = str(options.data)
    try:
        first.check(options)
        if options.list:
            print("\n".join(listing(list_studies())))
            return 0
        if options.download:
            print("\n".join(fetched(options)))
            return 0
        plans = plan(options)
    except CourseError as error:
        print(f"run_all.sh: {error}", file=sys.stderr)
        return 2
    try:
        return _run_alone(plans, options)
    except (CourseError, OSError) as error:  # such as a full disk
        print(f"run_all.sh: {in_words(str(error)) or error}", file=sys.stderr)
        return 1


def fetched(options: Namespace) -> list[str]:
    """Fetch the real images of the studies asked for; one line each says where they lie.

    Raises CourseError for a set that cannot be fetched, naming the file and where to put it.
    """
    from helpers.datasets import download

    start_log()
    return [f"{study.name}: {display_path(download(study))}" for study in chosen_studies(options)]


def _run_alone(plans: list[StudyPlan], options: Namespace) -> int:
    with only_one(runs_dir() / ".lock") as alone:
        if not alone:
            print("run_all.sh: another run is at work in this folder; wait for it or stop it", file=sys.stderr)
            return 1
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            return _run(plans, options)
        except KeyboardInterrupt:
            print("\nStopped. The same command continues from here.", file=sys.stderr)
            return INTERRUPTED
        finally:
            tidy_logs()


def _run(plans: list[StudyPlan], options: Namespace) -> int:
    name_group({item.name: item.settings for item in plans})
    elsewhere = snakemake.is_elsewhere(options.snakemake)
    jobs = options.jobs or (None if elsewhere else snakemake.usual_jobs(len(plans)))
    # Who asks for one at a time has chapters train for themselves, as in JupyterLab.
    apart = elsewhere or options.shards or options.jobs != 1
    needs, made_before = all_jobs(plans if apart else [], options.shards or int(elsewhere))
    write_graph(plans, needs, made_before)
    for item in plans:
        records.forget_failures(item.name, item.chapters)
        numbers = ", ".join(chapter.split("_")[0] for chapter in item.chapters)
        print(f"{item.study.title} ({item.kind}): {numbers}", flush=True)
    followed = [ChapterFiles(*name.split("/")) for name in made_before]
    progress = Progress([*followed, *(files for item in plans for files in item.files)])
    status = snakemake.run(jobs, options.snakemake, progress, elsewhere)
    outcomes = {item.name: finish.outcome(item) for item in plans}
    asked = [outcomes[item.name].get(chapter) for item in plans for chapter in item.chapters]
    if {"--until", "-U"} & set(options.snakemake):  # the others are left out on purpose
        asked = [record for record in asked if record is not None]
    if progress.is_empty() and None in asked:
        return _nothing_ran(status)
    finish.write_report(plans, outcomes)
    print("\n".join(finish.summary(plans, outcomes)))
    print("Nothing had changed, so no chapter was run." if progress.is_empty() else f"It took {progress.clock()}.")
    went_well = all(record is not None and record.status == "ok" for record in asked)
    if status and went_well:
        print(f"run_all.sh: a page could not be made; see {display_path(snakemake.log_file())}", file=sys.stderr)
    elif status and None in asked:
        _say_why("run_all.sh: not every chapter could begin")
    return int(status != 0 or not went_well)


def _nothing_ran(status: int) -> int:
    """A dry run, or no chapter and no job could begin: the report stays as it was."""
    if status:
        _say_why("run_all.sh: nothing could be run")
    return int(status != 0)


def _say_why(what: str) -> None:
    """Snakemake itself has ended: most likely the disk is full, else it says why."""
    log = snakemake.log_file()
    said = log.read_text(encoding="utf-8").split("\n")[-8:] if log.exists() else []
    print(full_disk() or "\n".join([*said, what]), file=sys.stderr)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `run_all.sh | head` ends like any other program
    sys.exit(main(sys.argv[1:]))
