"""The explorers of the book that are longer than a cell, one or two modules for each chapter."""

from downslope.explorers.convolution import *  # noqa: F403
from downslope.explorers.differentiation import *  # noqa: F403
from downslope.explorers.going_deep import *  # noqa: F403
from downslope.explorers.gradient_descent import *  # noqa: F403
from downslope.explorers.graphs import *  # noqa: F403
from downslope.explorers.learning import *  # noqa: F403
from downslope.explorers.losses import *  # noqa: F403
from downslope.explorers.optimizers import *  # noqa: F403
from downslope.explorers.perceptron import *  # noqa: F403
from downslope.explorers.regularization import *  # noqa: F403
from downslope.explorers.training import *  # noqa: F403
