"""Load on `linnet serve`: clients, a simulation of ways of batching, and what is measured."""
