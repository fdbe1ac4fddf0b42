"""The numbers a result shows, with the words that explain them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """How one number is called, what it means to someone outside the trade, and which way is better."""

    label: str
    help: str
    higher_is_better: bool = True
    needs_labels: bool = False
    percent: bool = False


MEASURES: dict[str, Measure] = {
    "acc": Measure(
        "Match with labels",
        "Share of members whose group stands for their true label, after each group was paired with at most one label "
        "in the best way. 100 % means that groups and labels are the same. (Clustering accuracy, ACC.)",
        needs_labels=True,
        percent=True,
    ),
    "nmi": Measure(
        "Shared information",
        "How much knowing the group tells about the true label: 0 is nothing, 1 is everything. It does not ask for one "
        "group per label. (Normalized mutual information, NMI.)",
        needs_labels=True,
    ),
    "ari": Measure(
        "Agreement of pairs",
        "How often two members that share a label also share a group, corrected for luck: 0 is luck, 1 is perfect. "
        "(Adjusted Rand index, ARI.)",
        needs_labels=True,
    ),
    "silhouette": Measure(
        "Separation",
        "How much closer members are to their own group than to the next one, in the prepared data: near 1 is well "
        "separated, near 0 is overlapping, below 0 is misplaced. (Silhouette.)",
    ),
    "davies_bouldin": Measure(
        "Overlap",
        "How wide groups are compared with the distance between them: lower is better, 0 is the best. (Davies-Bouldin "
        "index.)",
        higher_is_better=False,
    ),
    "calinski_harabasz": Measure(
        "Spread between groups",
        "How much more groups differ from each other than members do within them: higher is better. It can be compared "
        "only on the same data with the same number of groups. (Calinski-Harabasz index.)",
    ),
    "silhouette_learned": Measure(
        "Separation as learned",
        "The separation measured in the space that the method learned. Methods make this one large by design: do not "
        "compare it with other methods.",
    ),
    "coverage": Measure(
        "Members with a group",
        "Share of members that were given a group; the rest is unassigned.",
        percent=True,
    ),
    "doubtful": Measure(
        "Doubtful members",
        "Share of members for which a second group is almost as likely as their own.",
        higher_is_better=False,
        percent=True,
    ),
    "sure": Measure(
        "Sureness",
        "How sure the method is on average, from 0 to 1: its own membership where it has one, else how much nearer the "
        "own center is than the next.",
    ),
}
