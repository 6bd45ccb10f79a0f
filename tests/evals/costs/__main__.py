"""`python -m tests.evals.costs [SEEDS]`: what is found in series with known truth, by shape and event."""

import sys
import time

from tests.evals.costs.judging import all_series, figures, judge, table


def main(words: list[str]) -> None:
    series = all_series(range(int(words[0]) if words else 10))
    began = time.perf_counter()
    judged = [judge(each) for each in series]
    took = time.perf_counter() - began
    print(table(judged), figures(judged), f"{took / len(series) * 1000:.1f} ms for each", sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
