"""The doctor: whether the app can do its work here, and what to do where it cannot.

One file is one check, or a small group of them. What may crash or hang (engines, drivers, Qt) runs
in a process of its own with a time limit, so that both are findings and not the doctor's end.
"""
