"""Training of the compact model on two CPU cores: data, targets, losses, stages, evaluation."""
