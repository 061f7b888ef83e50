# The graph of what is to be made. `run_all.sh` finds out what is not up to date, writes it into runs/graph.json and
# calls this, which runs it in order and side by side. Whether something is up to date is not asked here: what is in
# graph.json is made. Paths are relative to runs/ (IMAGE_COURSE_RUNS), which is Snakemake's working directory.
import os

configfile: "graph.json"

CHAPTERS = config["chapters"]  # by `study/name`: what is made before it, and its rank
JOBS = config["jobs"]

wildcard_constraints:
    study="[a-z0-9][a-z0-9_-]*",
    what=r"(?:\.[A-Za-z0-9_-]+)*",

localrules: all, page

def record(name):
    """What is written when a job or chapter, `study/name`, is done."""
    return "{}/notebooks/{}.done.json".format(*name.split("/"))

def before(name, made):
    return [record(other) for other in made[name]["waits"]]

rule all:
    input:
        [record(name) for name in CHAPTERS],
        ["{}/notebooks/{}.page.json".format(*name.split("/")) for name in config["pages"]],

# Data, first weights, trainings and parts of evaluations. `--set-resources training:gpu=2 training:runtime=600` and
# `--set-threads training=8` change what they are given.
for kind in ("evaluation", "segmenter", "training", "weights", "scenes", "data"):
    rule:
        name: kind
        input:
            lambda job, kind=kind: before(f"{job.study}/{kind}{job.what}", JOBS),
        output:
            f"{{study}}/notebooks/{kind}{{what}}.done.json",
        params:
            kind=kind,
        priority: config["priorities"][kind]
        threads: int(os.environ.get("IMAGE_COURSE_THREADS", "1"))  # Snakemake sets OMP_NUM_THREADS to this
        resources:
            at_a_time=1,  # run_all.sh --jobs N sets how many at a time; pages are made beside them
            mem_mb=lambda job, kind=kind: JOBS[f"{job.study}/{kind}{job.what}"]["mem_mb"],
            runtime=lambda job, kind=kind: JOBS[f"{job.study}/{kind}{job.what}"]["runtime"],
            gpu=lambda job, kind=kind: JOBS[f"{job.study}/{kind}{job.what}"]["gpu"],
        log:
            f"{{study}}/logs/{kind}{{what}}.log",
        shell:
            '"$IMAGE_COURSE_PYTHON" -m runner.nursery runner.training {wildcards.study} {params.kind}{wildcards.what} > {log} 2>&1'

# A chapter is made as soon as what it needs is there, before other jobs, so that there is something to read.
for chapter in sorted({name.split("/")[1] for name in CHAPTERS}):
    rule:
        name: f"execute_{chapter}"
        input:
            lambda job, chapter=chapter: before(f"{job.study}/{chapter}", CHAPTERS),
        output:
            f"{{study}}/notebooks/{chapter}.done.json",
        params:
            chapter=chapter,
        priority: config["priorities"][chapter]
        threads: int(os.environ.get("IMAGE_COURSE_THREADS", "1"))
        resources:
            at_a_time=1,
            mem_mb=8000,
            runtime=240,
        log:
            f"{{study}}/logs/{chapter}.log",
        shell:
            '"$IMAGE_COURSE_PYTHON" -m runner.nursery runner.chapter execute {wildcards.study} {params.chapter} > {log} 2>&1'

rule page:
    input:
        lambda job: [record(f"{job.study}/{job.chapter}")] if f"{job.study}/{job.chapter}" in CHAPTERS else [],
    output:
        "{study}/notebooks/{chapter}.page.json",
    priority: 9999
    log:
        "{study}/logs/{chapter}.page.log",
    shell:
        '"$IMAGE_COURSE_PYTHON" -m runner.nursery runner.chapter render {wildcards.study} {wildcards.chapter} > {log} 2>&1'
