"""Where entropic methods change their way: measured limits that several of them share."""

# Largest matrix that `auto` stores on a CPU: 320 MB in float64.
MOST_STORED = 40_000_000

# Pairs below which one thread is faster than several that wait for each other.
SMALL = 1 << 22

# Above this ratio of the largest cost to ε float32 blurs the plan by over 0.1 %.
MOST_RATIO_32 = 1e4

# From this ε on, relative to the mean cost, the guessed potentials are as good as annealed ones
# (eight pairs of clouds: annealing from 5 % took 1.1 to 2 times as many iterations).
NO_ANNEALING = 0.01

# Over-relaxation that is only guessed stays below this; 1.9 from the start can diverge.
MOST_FIRST = 1.8

# Beyond this many dimensions the guess, a matrix root, costs more than it saves.
MOST_DIMENSIONS = 100
