"""Tests of the analysis layer: planted findings, second implementations, empty inputs."""
