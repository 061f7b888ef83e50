# The graph of chapters. `run_all.sh` reads its options, writes what to do into runs/graph.json and calls this.
# Paths are relative to runs/ (IMAGE_COURSE_RUNS), which is Snakemake's working directory.
import os
import sys

configfile: "graph.json"

REPORTS = config["reports"]
STUDIES = config["studies"]

wildcard_constraints:
    study="[a-z0-9][a-z0-9_-]*",

localrules: all

# A failed chapter leaves a page as well, so it is the record of its success that is asked for too.
rule all:
    input:
        [f"{study}/notebooks/{chapter}.done.json" for study, plan in STUDIES.items() for chapter in plan["chapters"]],
        [f"{REPORTS}/{study}/{chapter}.html" for study, plan in STUDIES.items() for chapter in plan["chapters"]],

def chapters_left(chapter):
    """How many chapters in a row are left from this one on."""
    later = {name for plan in STUDIES.values() for name, waits in plan["chapters"].items() if chapter in waits}
    return 1 + max(map(chapters_left, later), default=0)

# A chapter runs again when one of its fingerprints differs or a chapter it waits for has run; touching a file does
# nothing. Where several could run, the one with the longest chain behind it does, else the first in the course.
for number, chapter in enumerate(sorted(config["notebooks"])):
    rule:
        name: f"execute_{chapter}"
        input:
            lambda job, chapter=chapter: [
                f"{job.study}/notebooks/{name}.done.json" for name in STUDIES[job.study]["chapters"][chapter]
            ],
        output:
            done=f"{{study}}/notebooks/{chapter}.done.json",
            results=f"{REPORTS}/{{study}}/{chapter}.json",
        params:
            notebook=config["notebooks"][chapter],
            code=config["code"],
            settings=lambda job, chapter=chapter: STUDIES[job.study]["settings"][chapter],
            chapter=chapter,
        priority: 100 * chapters_left(chapter) - number
        threads: int(os.environ.get("IMAGE_COURSE_THREADS", "1"))  # Snakemake sets OMP_NUM_THREADS to this
        resources:
            chapters=1,  # run_all.sh --jobs N sets how many at a time; pages are made beside them
        log:
            f"{{study}}/logs/{chapter}.log",
        shell:
            "{sys.executable:q} -m helpers.cli.chapter execute {wildcards.study} {params.chapter} > {log} 2>&1"

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
        "{sys.executable:q} -m helpers.cli.chapter render {wildcards.study} {wildcards.chapter} > {log} 2>&1"
