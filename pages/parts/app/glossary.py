"""What each technical term means, in words a manager understands; the pages show these as help texts.

The measures of a result explain themselves: see `engine.results.MEASURES`.
"""

HELP = {
    "groups": "How many groups the members were sorted into.",
    "k": "How many groups to look for. Not sure? Start with a guess: the results show whether some groups are too alike.",
    "doubtful": "Members that could almost as well be in another group. Look at them before you rely on them.",
    "sure": "How sure the method is that a member belongs to its group: 100 % means no other group comes near.",
    "outlier_score": "How far a member is from the five others most like it, compared with what is usual. 99 of 100 members "
    "stay below 1, the limit that also says which rows of new data do not fit.",
    "reconstruction_error": "How far a member is from its reconstruction by the network: the mean squared difference in the "
    "prepared columns. A member with a large error is rare, or has something the network did not learn.",
    "moves": "The changes of group that the recording shows. It holds the groups at some moments of the training, so a change "
    "between two of them may be missing.",
    "changed": "Share of members that moved to another group since the last look. Near zero, the groups have settled.",
    "unassigned": "Members that fit no group well enough. The method leaves them out on purpose.",
    "map": "Every dot is one member. Members that the method sees as alike lie close together. "
    "The directions themselves mean nothing. UMAP and t-SNE keep close neighbors together, t-SNE the closest most of all; "
    "PCA shows the large distances as they are.",
    "preset": "Quick is for a first look, Balanced follows the method's paper within reason, Thorough takes its time.",
    "prototype": "The middle of a group: its center reconstructed by the method's network, or the average of the members. "
    "No real member has to look like it.",
    "report": "What only this method counts, besides the measures that all methods share.",
    "generated": "Members that do not exist: the method generated them from what it has learned of this group. Where they look "
    "like real ones, it has learned the group well; where they blur, it knows little more than an average.",
    "rules": "A small tree of questions learns to place members as the method did. It is shown to explain the groups; "
    "the method itself did not use it.",
    "why": "Each column, measure or word is weighed by itself: how much more common such values are in one group than in "
    "the other. The method looked at all of them together.",
    "interpolation": "What the method expects between the middles of two groups. A smooth change means that the groups "
    "pass into one another; a sudden one that little lies between them.",
    "apart": "The members of this group compared with all other members. Only differences that are not small, and that "
    "chance hardly explains, are shown.",
    "averages": "What a member in the middle of each group looks like. Values at least half the usual spread (a "
    "standard deviation that outliers do not change) away from the average of all members are marked.",
    "role": "What each column is for. A known answer is kept away from the method and only used to check it.",
    "confusion": "Each row is a true label, each column a group. The best matches lie on the diagonal.",
    "separation": "How much closer members are to their own group than to the next one, in the prepared data: near 1 is "
    "apart, near 0 is overlapping, below 0 is misplaced. (Silhouette.)",
    "stability": "Groups that come and go with the random start, or with a fifth of the rows, are made by chance. Groups that "
    "return every time are worth a name.",
    "overlap": "The share of members that a group has in common with the most similar group of another training, averaged over "
    "all of them. Below 0.60 do not rely on the group, from 0.75 on it is a real pattern, from 0.85 on it is very stable. "
    "(Jaccard overlap; Hennig 2007.)",
    "consensus": "Each row and each column is one of up to 400 members, ordered by group. The stronger the color, the more often "
    "two members ended up in one group when the method was trained again. Clean blocks are stable groups. (Consensus matrix.)",
    "changing": "Members that were most often outside their group when the method was trained again.",
    "scan": "Whether the data suggests another number of groups. Five criteria each look at it from another side; where they "
    "disagree, several numbers are reasonable.",
    "fairness": "Whether people or things of one kind are over-represented in a group, for example one sex or one region. The "
    "difference is only called real where chance does not explain it, with all comparisons counted.",
    "balance": "The rarest value divided by the most frequent one: 1 is even, 0 means that a value is missing altogether.",
    "robustness": "Do not act on a group that depends on tiny differences. Aimed shifts are the worst case, random shifts are "
    "what errors in the data do. (Adversarial attack by projected gradient.)",
    "loss": "What the method tries to make small while it learns. A curve that falls and flattens out is a good sign.",
}
