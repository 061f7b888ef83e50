# The graph of chapters. `run_all.sh` reads its options, writes what to do into runs/graph.json and calls this.
# Paths are relative to runs/ (IMAGE_COURSE_RUNS), which is Snakemake's working directory.
import sys

configfile: "graph.json"

REPORTS = config["reports"]
STUDIES = config["studies"]

wildcard_constraints:
    study="[a-z0-9][a-z0-9_-]*",
    chapter=r"\d\d_\w+",

localrules: all

rule all:
    input:
        [f"{REPORTS}/{study}/{chapter}.html" for study, plan in STUDIES.items() for chapter in plan["chapters"]]

# Runs again when one of the fingerprints differs or a chapter it waits for has run; touching a file does nothing.
rule execute:
    input:
        lambda job: [f"{job.study}/notebooks/{name}.done.json" for name in STUDIES[job.study]["chapters"][job.chapter]],
    output:
        done="{study}/notebooks/{chapter}.done.json",
        results=REPORTS + "/{study}/{chapter}.json",
    params:
        notebook=lambda job: config["notebooks"][job.chapter],
        code=config["code"],
        settings=lambda job: STUDIES[job.study]["settings"],
        data=lambda job: STUDIES[job.study]["data"],
    resources:
        chapters=1,  # run_all.sh --jobs N sets how many at a time; pages are made beside them
    log:
        "{study}/logs/{chapter}.log",
    shell:
        "{sys.executable:q} -m helpers.cli.chapter execute {wildcards.study} {wildcards.chapter} > {log} 2>&1"

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
