"""What each term of the trade means, in words a manager understands; the pages show these as help texts."""

HELP = {
    "groups": "How many groups the members were sorted into.",
    "k": "How many groups to look for. Not sure? Start with a guess: the results page shows whether some groups are too alike.",
    "silhouette": "How clearly the groups are apart: 1 means far apart, 0 means they touch, below 0 means mixed up. Every member is "
    "compared with its own group and with the next one (silhouette score, on the prepared data).",
    "acc": "Share of members whose group is the one that goes best with their true label. 1 means every member (clustering accuracy, "
    "with the best one-to-one match of groups and labels). The method never saw the labels.",
    "nmi": "How much knowing the group tells about the true label: 0 is nothing, 1 is everything (normalized mutual information).",
    "ari": "Of all pairs of members, how many are put together or apart as the true labels do, corrected for luck: 0 is luck, 1 is "
    "perfect (adjusted Rand index).",
    "davies_bouldin": "How much neighboring groups overlap: the lower, the better (Davies-Bouldin index).",
    "calinski_harabasz": "How tight the groups are against how far they lie apart: the higher, the better (Calinski-Harabasz index).",
    "doubtful": "Share of members that could almost as well be in another group (less than half sure). Look at them before you rely "
    "on them.",
    "sure": "How sure the method is that a member belongs to its group: 100 % means no other group comes near.",
    "changed": "Share of members that moved to another group since the last look. Close to zero means the groups have settled.",
    "baseline": "k-means is the plain, quick method everybody uses. It sorts the same prepared data, without any training. A trained "
    "method is worth its time only if it does better.",
    "unassigned": "Members that fit no group well enough. The method leaves them out on purpose.",
    "map": "Every dot is one member. Members that the method sees as alike lie close together. The directions themselves mean nothing.",
    "seed": "The number that fixes every random choice. The same seed on the same data gives the same result.",
    "preset": "Quick is for a first look, Balanced follows the method's paper within reason, Thorough takes its time.",
    "prototype": "The group's average member, as the method imagines it.",
    "nearest": "The real member that lies closest to the middle of the group.",
    "effect": "How far the group differs from everybody else, measured in units of the usual spread: 0.2 is small, 0.8 is large.",
    "role": "Feature: used to find the groups. Label: the known answer, kept away from the method and used only to check it. "
    "Id: names a row. Ignore: left out.",
    "confusion": "Each row is a true label, each column a group, ordered so that the best matches lie on the diagonal.",
    "loss": "What the method tries to make small while it learns. A curve that goes down and flattens out is a good sign.",
    "stage": "A training has stages, one after the other. Each has a goal of its own.",
    "time": "How long the training took on this machine.",
}


def help_for(term: str) -> str | None:
    """The explanation of a term, or None where it needs none."""
    return HELP.get(term)
