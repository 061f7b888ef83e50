"""Wrong answers to the exercises: what to change in a solution, and words of what is then said of it."""

WRONG = {
    "colour_statistics": [
        (".double() / 255", ".double()", "divide by 255"),
        ("(x * x)", "(images * images / 255**2)", "above 255"),
        ("return mean, (squares / count - mean**2).sqrt()", "return mean, squares / count - mean**2", "variance"),
        ("mean = total / count", "mean, squares = total.mean() / count, squares.mean()", "one number"),
    ],
    "split_by_group": [
        ("names, sizes = np.unique(groups, return_counts=True)",
         "groups = np.arange(len(groups)); names, sizes = np.unique(groups, return_counts=True)", "torn apart"),
        ("np.random.default_rng(seed)", "np.random.default_rng()", "same seed differ"),
        ("np.random.default_rng(seed).permutation(len(names))", "np.arange(len(names))", "random order"),
        ("return np.flatnonzero(~is_part), np.flatnonzero(is_part)",
         "return np.flatnonzero(is_part), np.flatnonzero(~is_part)", "the other part"),
    ],
    "loss_and_accuracy": [
        ("    network.eval()\n", "", "network.eval()"),
        (', reduction="sum")', ")", "multiply it by the number of its images"),
        ("return loss / count, right / count", "return right / count, loss / count", "the loss was to"),
        ("right / count", "100 * right / count", "per cent"),
    ],
    "best_temperature": [
        ("return log_t.exp().item()", "return (-log_t).exp().item()", "divided by the temperature"),
        ("range(400)", "range(0)", "where it began"),
        ("range(400)", "range(8)", "take more steps"),
        ("return log_t.exp().item()", "return -log_t.exp().item()", "above 0"),
    ],
    "two_rates": [
        ('"lr": lr / 10}, {"params": head, "lr": lr}', '"lr": lr}, {"params": head, "lr": lr / 10}',
         "the wrong way round"),
        ('if not name.startswith("fc.")', "", "in two groups"),
        ('return [{"params": rest, "lr": lr / 10}, {"params": head, "lr": lr}]',
         'return [{"params": head, "lr": lr}]', "never learn"),
        ('"lr": lr / 10}', '"lr": lr}', "at the same rate"),
    ],
    "principal_plane": [
        ("features - features.mean(0)", "features", "take the mean off"),
        ("(s[:2] ** 2).sum() / (s**2).sum()", "s[:2].sum() / s.sum()", "square the singular values"),
        ("(s[:2] ** 2)", "(s[:1] ** 2)", "add the second"),
        ("centred @ Vt[:2].T", "U[:, :2]", "multiply by the singular values"),
        ("centred @ Vt[:2].T", "centred", "must have shape"),
    ],
    "blended": [
        ("weight * y + (1 - weight) * y.flip(0)", "y", "the labels are not"),
        ("weight * x + (1 - weight) * x.flip(0)", "weight * x + (1 - weight) * x.flip(-1)", "mirror image"),
        ("x = images / 255", "x = images", "divide by 255"),
        ("(1 - weight)", "weight", "add up to 1"),
    ],
    "seen_twice": [
        ("images.flip(-1)", "images.flip(-2)", "on their heads"),
        (".softmax(1)", "", "these are logits"),
        ("(once + again) / 2", "once + again", "add up to 2"),
        ("(once + again) / 2", "again", "mirror images alone"),
        ("softmax(1)", "softmax(0)", "over the classes"),
    ],
    "scaled_share": [
        ("features / spread, features / spread", "features, features", "plain distances"),
        ("d_truth < d_mistake", "d_truth > d_mistake", "nearer to the mistake"),
        ("spread = train_features.std(0)", "spread = features.std(0)", "training images"),
        ("scaled, points = train_features / spread, features / spread",
         "scaled, points = train_features, features / spread", "the centroids are not"),
    ],
    "majority_of_neighbours": [
        ("largest=False", "largest=True", "farthest"),
        ("train_labels[nearest]", "train_labels[nearest[:, :1]]", "nearest image alone"),
        ("np.bincount(votes).argmax()", "votes.mean()", "names"),
        ("topk(k, largest=False).indices", "topk(k + 1, largest=False).indices[:, 1:]",
         "one neighbour is missing"),
    ],
}  # fmt: skip
