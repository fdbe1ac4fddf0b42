"""Projections of an embedding to the map: PCA, UMAP, t-SNE."""
