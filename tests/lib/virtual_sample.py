"""The samples in virtual time."""


def virtual_text(text):
    """A sample's lab file with its clock and its nodes' kind changed, and nothing else."""
    text = text.replace("\ntopology:", "\nclock: virtual\ntopology:", 1)
    for old, new in [("\n  defaults: {", "\n  defaults: {kind: uml, "), ("\n  defaults:\n", "\n  defaults:\n    kind: uml\n"),
                     ("\ntopology:\n", "\ntopology:\n  defaults: {kind: uml}\n")]:
        if old in text:
            return text.replace(old, new, 1)
    raise ValueError("a lab file without a topology")
