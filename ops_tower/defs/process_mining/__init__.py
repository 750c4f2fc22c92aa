"""Where tickets pile up: transitions, variants, bottlenecks, conformance."""
