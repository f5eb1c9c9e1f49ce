"""Walks that PyTorch's optimizers took: how to take them, and where they led.

`b` walks down the ravine, in one axis like the biases of a network. `W` has two axes, and is given
gradients from 1 down to 1e-9, and zeros among them, so that it matters where epsilon stands. The
learning rate is halved on the way.
"""

import numpy as np

from downslope.landscapes import ravine
from downslope.optimizers import SGD, AdaGrad, Adam, Momentum, Nesterov, RMSProp

N_STEPS, HALVED_AFTER, KEPT = 100, 50, (1, 2, 10, 100)
START = {"W": np.array([[1.0, -2.0]]), "b": np.array([-7.0, 2.0])}

#: Ours; the name of theirs, and what is to be said to it beside the learning rate.
SAME = {
    "SGD": (SGD(0.9), "SGD", {}),
    "Momentum": (Momentum(0.1, 0.8), "SGD", {"momentum": 0.8}),
    "Nesterov": (Nesterov(0.1), "SGD", {"momentum": 0.9, "nesterov": True}),
    "AdaGrad": (AdaGrad(1.5), "Adagrad", {}),
    "RMSProp": (RMSProp(0.1), "RMSprop", {}),
    "RMSProp, 0.9": (RMSProp(0.1, decay=0.9), "RMSprop", {"alpha": 0.9}),
    "Adam": (Adam(0.3), "Adam", {}),
    "Adam, 0.8, 0.95": (Adam(0.3, 0.8, 0.95), "Adam", {"betas": (0.8, 0.95)}),
    "Adam with weight decay": (Adam(0.3, weight_decay=0.1), "AdamW", {"weight_decay": 0.1}),
}

#: Of PyTorch 2.14.1 in float64, by `their_walk`: W and b after each of the steps KEPT.
STORED = {
    "SGD": [
        [0.91, -1.9982, -6.37, -1.6],
        [0.9172, -1.99838, -5.7967, 1.2800000000000002],
        [1.0970594839, -2.07029585162, -2.7259128268267525, 0.21474836480000012],
        [1.9931099765499998, -1.4526700022899999, -0.006270991834186046, 2.854495385411893e-55],
    ],
    "Momentum": [
        [0.99, -1.9998, -6.93, 1.6],
        [0.9828, -1.99966, -6.8046999999999995, 0.96],
        [0.978765850956, -2.0071549001544002, -4.930297498605908, -0.0497025023999999],
        [1.7620424081955335, -1.643700101917348, -0.0698694586619525, 8.496651971205953e-06],
    ],
    "Nesterov": [
        [0.981, -1.99962, -6.867, 1.24],
        [0.97442, -1.999496, -6.679827, 0.4448],
        [0.9744939201909999, -2.0139003116659997, -4.07827780368694, 0.10272147132580374],
        [2.401404266232785, -1.37110592312978, -0.017698392309057173, 1.5132133143408672e-07],
    ],
    "AdaGrad": [
        [-0.4999999985000003, -0.5000000749999962, -5.5000000002142855, 0.5000000000375],
        [-0.3803821651949022, -0.6492556461057524, -4.573267672398207, 0.1361965624661438],
        [0.9580657647610413, -2.079091793984292, -1.4893851958011233, 4.3377770474465215e-06],
        [2.824342754237799, -0.7725739726909943, -0.00047471589092951247, 2.3046761886027206e-38],
    ],
    "RMSProp": [
        [9.999990003839443e-07, -1.0000499975001254, -6.000000142857123, 1.0000000249999998],
        [0.08014530968012634, -1.1000449977501128, -5.347324871769667, 0.5509867710515483],
        [0.9802975125539073, -2.0528491896179304, -2.785052139795211, 0.005264078437157884],
        [2.26026775078528, -1.1953249188792452, -0.01833409079549372, 4.276479972344597e-23],
    ],
    "RMSProp, 0.9": [
        [0.6837723339831303, -1.6837772339041064, -6.683772248268876, 1.683772236483162],
        [0.7103446797097828, -1.7169263616692536, -6.4594452004518095, 1.4738753171325136],
        [1.0116555174190365, -2.016870205348632, -5.345544912853875, 0.6027968561678372],
        [1.5384701894675734, -1.7876886834710475, -0.2575371111083751, -1.9647201321972237e-18],
    ],
    "Adam": [
        [0.7000000299999971, -1.7000014999925002, -6.700000004285714, 1.70000000075],
        [0.5174346600534644, -1.5222081969724135, -6.40041430171718, 1.4022453286049847],
        [-0.011509027395037383, -1.0084672350515211, -4.059411585804955, -0.49184703905941823],
        [2.85431046098689, -0.3093274317933765, -0.038586291950306974, 0.005128099759951957],
    ],
    "Adam, 0.8, 0.95": [
        [0.700000029999997, -1.7000014999925002, -6.700000004285714, 1.70000000075],
        [0.5286521616392814, -1.5337271020529322, -6.400633606420443, 1.4030612103059994],
        [0.2030315048315425, -1.2083417367078941, -4.0866449962962, -0.3477260260328845],
        [3.1056405867167154, -0.7943908933213536, -0.00021852532704399688, 3.0726884557426286e-05],
    ],
    "Adam with weight decay": [
        [0.6700000299999971, -1.6400014999925001, -6.700000004285714, 1.70000000075],
        [0.4673346591534644, -1.4130081519726383, -6.40041430171718, 1.4022453286049847],
        [-0.08063734121692465, -0.6785719430629231, -4.059411585804955, -0.49184703905941823],
        [1.0450469138769924, 0.35712005842243494, -0.038586291950306974, 0.005128099759951957],
    ],
}


def gradients(step, parameters):
    """What both are given in a step, counted from 1."""
    i = np.arange(2)
    whole = (7 * step * step + 3 * step + 5 * i) % 11 - 5
    given = whole / 5 * 10.0 ** -((step + i) % 10)
    return {"W": given[np.newaxis], "b": ravine.gradient(parameters["b"])}


def our_walk(optimizer):
    """W and b after each step, in a row, of an optimizer of ours."""
    optimizer, parameters, rows = optimizer.fresh(), START, []
    for step in range(1, N_STEPS + 1):
        parameters = optimizer.step(parameters, gradients(step, parameters))
        rows.append(np.concatenate([parameters["W"][0], parameters["b"]]))
        if step == HALVED_AFTER:
            optimizer.learning_rate /= 2
    return np.array(rows)


def their_walk(kind, learning_rate, settings):
    """The same of one of `torch.optim`; weight decay is for W only."""
    import torch

    tensors = {name: torch.tensor(array, requires_grad=True) for name, array in START.items()}
    spared = {"weight_decay": 0.0} if "weight_decay" in settings else {}
    groups = [{"params": [tensors["W"]]}, {"params": [tensors["b"]], **spared}]
    optimizer, rows = getattr(torch.optim, kind)(groups, lr=learning_rate, **settings), []
    for step in range(1, N_STEPS + 1):
        arrays = {name: tensor.detach().numpy() for name, tensor in tensors.items()}
        for name, gradient in gradients(step, arrays).items():
            tensors[name].grad = torch.tensor(gradient)
        optimizer.step()
        rows.append(np.concatenate([t.detach().numpy().ravel() for t in tensors.values()]))
        if step == HALVED_AFTER:
            for group in optimizer.param_groups:
                group["lr"] /= 2
    return np.array(rows)
