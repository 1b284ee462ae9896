"""Stage 1: the face depth network F_d, learnt from consecutive frames without 3-D labels (DaGAN
section 3.1, eqs. 1 to 5)."""
