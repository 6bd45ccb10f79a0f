"""`python -m tests.evals.diagnosis [WORDS]`: the table of all scenarios, or of those whose family or name has these words."""

import sys

from tests.evals.diagnosis.judging import figures, judge, table
from tests.evals.diagnosis.scenario import all_scenarios


def main(words: list[str]) -> None:
    wanted = [each for each in all_scenarios() if all(word in f"{each.family} {each.name}" for word in words)]
    judged = [judge(each) for each in wanted]
    print(table(judged))
    for each in judged:
        for finding in each.found if words or not each.right else ():
            print(
                f"\n{each.scenario.name}\n  {finding.code.name} ({finding.confidence:.2f}) {finding.root}: {finding.cause}"
            )
            print("".join(f"\n  because of that: {link}" for link in finding.chain), *finding.evidence, sep="\n    ")
    print(f"\n{figures(judged)}")


if __name__ == "__main__":
    main(sys.argv[1:])
