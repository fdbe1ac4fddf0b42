"""Tests of a trained method that need its network: outlier scores and adversarial robustness."""
