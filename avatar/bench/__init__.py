"""The latency bench: every engine in a process of its own, measured in turns.

Runtimes in one process disturb each other (the threads of one spin while another computes), so each
subject has its own, which waits on a pipe while others are measured.
"""
