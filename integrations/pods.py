"""What Kubernetes calls pods, for sources that know nothing of workloads."""

_LETTER = "[bcdfghjklmnpqrstvwxz2456789]"


def pods_of(name: str) -> str:
    """A regular expression for the names of the pods of a Deployment, a DaemonSet or a StatefulSet, in what RE2 and Lucene have in common.

    Suffixes are made of the letters that https://pkg.go.dev/k8s.io/apimachinery/pkg/util/rand draws from, which keeps the pods of
    “checkout-worker” apart from those of “checkout”.
    """
    literal = name.replace(".", "\\.")
    return f"{literal}-({_LETTER}{{6,10}}-{_LETTER}{{5}}|{_LETTER}{{5}}|[0-9]{{1,4}})"
