"""What is asked of a trained method: its outcome, interpolation, sampling, ONNX."""
