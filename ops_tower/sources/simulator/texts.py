"""Invented words: names of agents and customers, subjects of tickets, comments of customers.

Belongs here: vocabularies, and how a number or a draw picks from them.
Does not belong here: anything that an analysis could find something out from.
"""

from typing import Final

import numpy as np

from ops_tower.sources.contract import TICKET_TYPES
from ops_tower.sources.simulator.streams import Array, Floats, Ints

NAME_STRIDE: Final = 2_741

SUBJECTS: Final = {
    "question": (
        "How do I set up {}?",
        "Question about {}",
        "Where do I find the settings of {}?",
        "Can {} do this for us?",
        "What does this message in {} mean?",
    ),
    "incident": (
        "{} is down",
        "Error when opening {}",
        "{} is very slow since this morning",
        "Data missing in {}",
        "{} stopped working after the update",
    ),
    "problem": (
        "{} keeps failing at random",
        "Recurring errors in {}",
        "{} shows wrong totals again",
    ),
    "task": (
        "Please change our setup of {}",
        "Add a user to {}",
        "Export of our data from {}",
        "Please enable {} for our team",
    ),
}

COMMENTS: Final = {
    1: ("Took far too long.", "Still not working.", "I had to explain it three times."),
    2: ("Slow, but in the end it helped.", "Too many hands involved.", "Expected more."),
    3: ("It was all right.", "Helpful, but slow."),
    4: ("Good answer.", "Friendly and clear.", "Thank you."),
    5: ("Quick and exactly right!", "Great help, thank you!", "Perfect.", "Very friendly."),
}


FIRST_NAMES: Final = (
    "Ada Amir Ana Andre Anika Asha Ben Bo Carla Chidi Clara Dara Davit Dina Elif Emil Esra Eva "
    "Farid Femi Gita Greta Hana Hugo Ida Ilan Ines Isa Ivan Jana Jonas Jun Kai Kamal Karin Kofi "
    "Lars Lea Lena Liam Lina Luca Maja Malik Mara Marco Mei Mina Mira Musa Nadia Nils Nora Omar "
    "Otto Paula Petra Priya Rafa Rania Rosa Ruth Sami Sara Selma Sina Sofia Tara Theo Tomas Uma "
    "Vera Viktor Wanda Yara Yusuf Zoe"
)
LAST_NAMES: Final = (
    "Abe Adler Aydin Bauer Berg Bianchi Blanc Borg Castro Chen Cohen Costa Dahl Diaz Dubois Eker "
    "Evans Faber Fischer Fonseca Garcia Haas Haddad Hansen Ito Jansen Jovic Kaya Keller Khan Kim "
    "Klein Kovac Kumar Lang Larsen Lopez Mbeki Meyer Moreau Nagy Novak Okafor Olsen Ono Ortiz Park "
    "Patel Perez Quinn Reyes Rossi Roy Sato Schmid Silva Singh Sousa Tanaka Vogel Weber Wolf Yilmaz"
)


ORGANIZATION_FIRST: Final = (
    "Alder Amber Arrow Aspen Basalt Beacon Birch Bluebell Bramble Brook Cedar Cinder Clover Cobalt "
    "Copper Coral Crane Delta Dune Elm Ember Falcon Fern Flint Gable Garnet Glade Granite Harbor "
    "Hazel Heron Indigo Iris Ivory Jasper Juniper Kestrel Lantern Larch Laurel Linden Lotus Lumen "
    "Maple Meadow Merlin Mica Mistral Nectar Noble Oak Ochre Onyx Opal Orchid Osprey Pebble Pine "
    "Poplar Quartz Raven Reed Ridge Rowan Saffron Sage Sierra Slate Sorrel Spruce Sterling Sumac "
    "Tern Thistle Timber Topaz Umber Vale Verdant Walnut Willow Wren Yarrow Zephyr"
)
ORGANIZATION_SECOND: Final = (
    "Analytics Apparel Bakery Biotech Brewing Capital Chemicals Clinics Coffee Construction "
    "Consulting Dental Design Devices Education Electric Energy Engineering Estates Farms Films "
    "Finance Foods Freight Furniture Games Gardens Glass Health Homes Hotels Insurance Interiors "
    "Labs Law Logistics Machines Marine Markets Media Metals Mobility Motors Music Networks Optics "
    "Packaging Paper Pharma Photo Pictures Plastics Power Press Print Properties Rail Records "
    "Recruiting Research Retail Robotics Salons Schools Security Shipping Solar Sports Stores "
    "Studios Supply Systems Telecom Textiles Tools Toys Travel Ventures Water Wines Works"
)


def agent_name(random: np.random.Generator) -> str:
    """A first and a last name; colleagues may share one."""
    first, last = FIRST_NAMES.split(), LAST_NAMES.split()
    return f"{first[random.integers(len(first))]} {last[random.integers(len(last))]}"


def organization_name(number: int) -> str:
    """The name of an organisation; no two organisations share one."""
    first, second = ORGANIZATION_FIRST.split(), ORGANIZATION_SECOND.split()
    pairs = len(first) * len(second)
    # A multiplier without common factors visits every pair once before any comes again.
    one, other = divmod(number * NAME_STRIDE % pairs, len(second))
    again = number // pairs
    return f"{first[one]} {second[other]}" + (f" {again + 1}" if again else "")


def subjects(
    ticket_type: Array, topic: Array, wording: Floats, topics: tuple[str, ...]
) -> tuple[list[str], Ints]:
    """All subjects there are, and the index of each ticket's one: by type, topic and a uniform."""
    texts: list[str] = []
    starts = np.empty((len(TICKET_TYPES), len(topics)), np.int64)
    for kind, name in enumerate(TICKET_TYPES):
        for index, subject in enumerate(topics):
            starts[kind, index] = len(texts)
            filled = [template.format(subject) for template in SUBJECTS[name]]
            texts += [text[0].upper() + text[1:] for text in filled]
    choices = np.array([len(SUBJECTS[name]) for name in TICKET_TYPES])[ticket_type]
    picked = np.minimum((wording * choices).astype(np.int64), choices - 1)
    return texts, starts[ticket_type, topic] + picked


def comments(score: Ints, draw: Floats, share: float) -> tuple[list[str | None], Ints]:
    """All comments there are, and the index of each rating's one: 0, which is None, for most."""
    texts: list[str | None] = [None]
    starts = []
    for said in COMMENTS.values():
        starts.append(len(texts))
        texts += said
    choices = np.array([len(said) for said in COMMENTS.values()])[score - 1]
    picked = np.minimum((draw / max(share, 1e-12) * choices).astype(np.int64), choices - 1)
    return texts, np.where(draw < share, np.array(starts)[score - 1] + picked, 0)
