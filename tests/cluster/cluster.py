"""Spark on this machine, in several processes, and what the tests compare its results with."""

import os
import shutil
import subprocess
import tempfile
import warnings
from pathlib import Path

ROWS = int(os.environ.get("CLUSTER_ROWS", "10000000"))

ROOT = Path(__file__).resolve().parents[2]

#: Columns with a unique id, so that there is an order to sort by.
COLUMNS = (
    f"id = 0..{ROWS}",
    "user = random(int64 0..100000)",
    "city = random(choice 6)",
    "price = random(decimal(7, 2) 0..99)",
)


def session(master: str, **settings: str):
    """A session of Spark with little memory and without retries by speculation."""
    from pyspark.sql import SparkSession

    warnings.filterwarnings("ignore", category=FutureWarning)
    # The default is in the installation of PySpark.
    os.environ.setdefault("SPARK_WORKER_DIR", f"{os.environ.get('CLUSTER_PLACE', tempfile.gettempdir())}/work")
    builder = SparkSession.builder.master(master).appName("arrow-pipes")
    common = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.speculation": "false",
        "spark.driver.memory": "1g",
        "spark.executor.memory": "1g",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.session.timeZone": "Europe/Oslo",
        # So that files are not divided.
        "spark.sql.files.minPartitionNum": "4",
    }
    for name, value in {**common, **settings}.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    return spark


class Place:
    """A directory for the files of a test."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="arrow-pipes-cluster-", dir=os.environ.get("CLUSTER_PLACE")))

    def __truediv__(self, name: str) -> str:
        return str(self.path / name)

    def shell(self, line: str) -> str:
        run = subprocess.run(["bash", "-euo", "pipefail", "-c", line], cwd=self.path, capture_output=True, text=True)
        if run.returncode != 0:
            raise AssertionError(f"{line}\nexit status {run.returncode}\n{run.stdout}{run.stderr}")
        return run.stdout

    def remove(self) -> None:
        shutil.rmtree(self.path)
