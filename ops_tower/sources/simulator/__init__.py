"""A support desk as a queueing system: the source of data when there is no desk at hand.

Read it in this order: parameters (what can be set), rates and demand (when tickets arrive and what
they are), itinerary (what each one needs), roster (who works when), engine (the queues), states and
outcomes (what came of it), truth (what was planted), writing (the files), simulation (all of it).
"""

from ops_tower.sources.simulator.parameters import SimulatorParameters
from ops_tower.sources.simulator.presets import PRESETS, preset
from ops_tower.sources.simulator.simulation import SimulationResult, simulate

__all__ = ["PRESETS", "SimulationResult", "SimulatorParameters", "preset", "simulate"]
