"""The one training loop, with checkpoints, shared pretraining, monitoring, precision and CUDA graphs."""
