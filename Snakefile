# The graph of chapters and of what is made before them. `run_all.sh` reads its options, writes what to do into
# runs/graph.json and calls this. Paths are relative to runs/ (IMAGE_COURSE_RUNS), which is Snakemake's working directory.
import os

configfile: "graph.json"

REPORTS = config["reports"]
STUDIES = config["studies"]
JOBS = config["jobs"]

wildcard_constraints:
    study="[a-z0-9][a-z0-9_-]*",
    what=r"(?:\.[A-Za-z0-9_-]+)*",

localrules: all, page

# A failed chapter leaves a page as well, so it is the record of its success that is asked for too.
rule all:
    input:
        [f"{study}/notebooks/{chapter}.done.json" for study, plan in STUDIES.items() for chapter in plan["chapters"]],
        [f"{REPORTS}/{study}/{chapter}.html" for study, plan in STUDIES.items() for chapter in plan["chapters"]],

def chapters_left(chapter):
    """How many chapters in a row are left from this one on."""
    later = {name for plan in STUDIES.values() for name, waits in plan["chapters"].items() if chapter in waits}
    return 1 + max(map(chapters_left, later), default=0)

def made(jobs):
    """The records of jobs. Ancient: a chapter that is done does not run again because one was made anew."""
    return [ancient("{}/notebooks/{}.done.json".format(*job.split("/"))) for job in jobs]

# Where several may run at a time, data, first weights and trainings are jobs of their own, before the chapters that need
# them. Each runs again when its fingerprint differs; what it makes knows better, and is loaded if it is still right.
# `--set-resources training:gpu=2 training:runtime=600` and `--set-threads training=8` change what they are given.
for rank, kind in enumerate(("evaluation", "segmenter", "training", "weights", "scenes", "data")):
    rule:
        name: kind
        input:
            lambda job, kind=kind: made(JOBS[f"{job.study}/{kind}{job.what}"]["waits"]),
        output:
            f"{{study}}/notebooks/{kind}{{what}}.done.json",
        params:
            settings=lambda job, kind=kind: JOBS[f"{job.study}/{kind}{job.what}"]["settings"],
            code=config["making"],
            kind=kind,
        priority: 1000 + rank
        threads: int(os.environ.get("IMAGE_COURSE_THREADS", "1"))  # Snakemake sets OMP_NUM_THREADS to this
        resources:
            at_a_time=1,  # run_all.sh --jobs N sets how many at a time; pages are made beside them
            mem_mb=lambda job, kind=kind: JOBS[f"{job.study}/{kind}{job.what}"]["mem_mb"],
            runtime=lambda job, kind=kind: JOBS[f"{job.study}/{kind}{job.what}"]["runtime"],
            gpu=lambda job, kind=kind: JOBS[f"{job.study}/{kind}{job.what}"]["gpu"],
        log:
            f"{{study}}/logs/{kind}{{what}}.log",
        shell:
            '"$IMAGE_COURSE_PYTHON" -m helpers.cli.nursery helpers.cli.training {wildcards.study} {params.kind}{wildcards.what} > {log} 2>&1'

# A chapter runs again when one of its fingerprints differs or a chapter it waits for has run; touching a file does
# nothing. Where several could run, the one with the longest chain behind it does, else the first in the course.
for number, chapter in enumerate(sorted(config["notebooks"])):
    rule:
        name: f"execute_{chapter}"
        input:
            lambda job, chapter=chapter: [
                f"{job.study}/notebooks/{name}.done.json" for name in STUDIES[job.study]["chapters"][chapter]
            ],
            lambda job, chapter=chapter: made(STUDIES[job.study]["needs"].get(chapter, [])),
        output:
            done=f"{{study}}/notebooks/{chapter}.done.json",
            results=f"{REPORTS}/{{study}}/{chapter}.json",
        params:
            notebook=config["notebooks"][chapter],
            code=config["code"],
            settings=lambda job, chapter=chapter: STUDIES[job.study]["settings"][chapter],
            chapter=chapter,
        priority: 100 * chapters_left(chapter) - number
        threads: int(os.environ.get("IMAGE_COURSE_THREADS", "1"))
        resources:
            at_a_time=1,
            mem_mb=8000,
            runtime=240,
        log:
            f"{{study}}/logs/{chapter}.log",
        shell:
            '"$IMAGE_COURSE_PYTHON" -m helpers.cli.nursery helpers.cli.chapter execute {wildcards.study} {params.chapter} > {log} 2>&1'

rule page:
    input:
        "{study}/notebooks/{chapter}.done.json",
    output:
        REPORTS + "/{study}/{chapter}.html",
    params:
        look=config["look"],
    log:
        "{study}/logs/{chapter}.page.log",
    shell:
        '"$IMAGE_COURSE_PYTHON" -m helpers.cli.nursery helpers.cli.chapter render {wildcards.study} {wildcards.chapter} > {log} 2>&1'
