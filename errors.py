"""The few errors gendiv raises on purpose: one line that says where, what was wanted, what was found, the way out."""


class GendivError(Exception):
    """Base of every error raised on purpose; the command line prints it as one line and exits with code 2."""


class BadInput(GendivError, ValueError):
    """A setting, file, spec or name is not usable as given."""


class NotInstalled(GendivError, ImportError):
    """An optional package is needed for what was asked; the message holds the command that brings it."""


class SourceFailed(GendivError, RuntimeError):
    """The model source could not start, died, or stopped answering."""


class StoreFailed(GendivError, OSError):
    """A run folder could not be written, read, or is in use by another process."""


class RunIncomplete(GendivError, RuntimeError):
    """A run stopped before every sample was drawn; what was drawn is kept and the same command goes on."""


class TrainingFailed(GendivError, RuntimeError):
    """Training cannot go on, say because its loss is no number; the last good state is kept."""
