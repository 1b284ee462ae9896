"""Stage 2: detector, dense motion and generator together, with the depth network as it is (DaGAN
section 3.4, eqs. 10 to 13)."""
