"""What PyTorch's batch normalisation does with a few batches: how to ask it, and what it said."""

import numpy as np

from downslope.layers import BatchNormalization

N_BATCHES, GAMMA, BETA = 3, [0.5, -1.5], [0.25, 2.0]

#: Of samples with two features, and of images with two channels.
SHAPES = {"features": (4, 2), "images": (2, 2, 1, 2)}

#: Of PyTorch 2.14.1 in float64, by `their_pass`.
STORED = {
    "features": {
        "averages": [
            -0.28750000000000003, -0.18125000000000002, 1.2489583333333334, 1.9140625, -0.42125,
            -0.181875, 1.6605208333333334, 2.7867187500000004, -0.416625, -0.2730625,
            2.4059270833333337, 3.7146875,
        ],
        "y": [
            -0.586659414577699, 3.012825889833278, 0.36952277351109986, 3.8230866016999,
            0.7280910940443994, 1.1429934778333803, 0.4890455470221997, 0.02109403063344198,
        ],
        "dx": [
            -0.19362799111136142, 0.5275758847952019, 0.6218600727568052, -0.13486620632857696,
            -0.5603904335058255, -0.9498267826728355, 0.13215835186038172, 0.5571171042062105,
        ],
        "dgamma": [
            9.382537720621338, -5.89776306618301,
        ],
        "dbeta": [
            3.25, -2.25,
        ],
        "y, evaluated": [
            -0.9051014545244549, 1.8847675991696458, -1.106570295792194, -0.3527547470508241,
            0.948411885138744, -0.15818758650991366, 1.9960498597309868, 2.468469080792377,
        ],
        "dx, evaluated": [
            -1.2491068158599818, -0.29185074081136564, -1.208813047606434, -3.1130745686545667,
            1.0879317428457906, -3.5022088897363877, -0.8864629015780516, -1.459253704056828,
        ],
    },
    "images": {
        "averages": [
            -0.340625, -0.12812500000000002, 1.175390625, 1.7618489583333334, -0.5409375000000001,
            -0.06218750000000001, 1.6269921875, 2.2037630208333336, -0.6149687500000001,
            -0.07471875, 2.48655859375, 3.033907552083334,
        ],
        "y": [
            -0.3763689359111496, -0.08293483980862905, 1.7662045395277624, 4.43815265921048,
            0.8650830091379758, 0.594220766581803, 1.4322110245674227, 0.36343177669433546,
        ],
        "dx": [
            -0.2147133726269224, 0.2561734803865838, -1.8842896159553582, 0.8990986550468072,
            -0.12895324017668938, 0.08749313241702798, -0.9546879551073295, 1.9398789160158803,
        ],
        "dgamma": [
            6.081703789894068, -4.6786924887360914,
        ],
        "dbeta": [
            -4.125, 5.125,
        ],
        "y, evaluated": [
            -0.8233280140668682, 0.40535962493472577, 5.918570031618355, -0.4325657323930163,
            0.9998859018709809, 1.2376964126454828, -2.370200372260892, 2.689178965171895,
        ],
        "dx, evaluated": [
            -1.228687639001594, 0.11890525538725102, 3.2293910664464596, -3.444683804209557,
            1.0701472984852591, 1.4268630646470122, 2.3682201153940703, -1.6146955332232298,
        ],
    },
}  # fmt: skip


def numbers(shape, k):
    """Eighths from -5 to 5, other ones for each k: nothing that would have to be rounded."""
    i = np.arange(np.prod(shape))
    return ((7 * i * i + 3 * i * k + k) % 81 - 40).reshape(shape) / 8


def our_pass(shape):
    """Of ours: the averages after three batches, the last pass there and back, and one after."""
    layer, averages = BatchNormalization(2), []
    layer.gamma, layer.beta = np.array(GAMMA), np.array(BETA)
    for k in range(N_BATCHES):
        y = layer.forward(numbers(shape, k), training=True)
        averages.append([layer.running_mean, layer.running_variance])
    dx = layer.backward(numbers(shape, 7))
    found = {"averages": averages, "y": y, "dx": dx, "dgamma": layer.dgamma, "dbeta": layer.dbeta}
    found["y, evaluated"] = layer.forward(numbers(shape, 8))
    found["dx, evaluated"] = layer.backward(numbers(shape, 9))
    return {name: np.ravel(array) for name, array in found.items()}


def their_pass(shape):
    """The same of ``torch.nn.BatchNorm1d`` or ``BatchNorm2d``."""
    import torch

    kind = torch.nn.BatchNorm1d if len(shape) == 2 else torch.nn.BatchNorm2d
    layer, averages = kind(2, dtype=torch.float64), []
    layer.weight.data, layer.bias.data = torch.tensor([GAMMA, BETA], dtype=torch.float64)
    for k in range(N_BATCHES):
        x = torch.tensor(numbers(shape, k), requires_grad=True)
        y = layer(x)
        averages.append([layer.running_mean.tolist(), layer.running_var.tolist()])
    y.backward(torch.tensor(numbers(shape, 7)))
    found = {"averages": averages, "y": y.detach(), "dx": x.grad}
    found |= {"dgamma": layer.weight.grad.clone(), "dbeta": layer.bias.grad.clone()}
    x = torch.tensor(numbers(shape, 8), requires_grad=True)
    y = layer.eval()(x)
    y.backward(torch.tensor(numbers(shape, 9)))
    found |= {"y, evaluated": y.detach(), "dx, evaluated": x.grad}
    return {name: np.ravel(array) for name, array in found.items()}
