"""The app's log files: one for every start, in the platform's log folder.

A file of its own for every process, rather than one that all share: rotation renames, and two
processes that rename under each other lose lines; on Windows an open file cannot be renamed at all.
So nobody writes into another's file, and each start deletes the oldest ones.

What is logged goes through a bounded queue to a thread of its own: a slow disk costs lines, which
are counted, and never a frame.
"""
