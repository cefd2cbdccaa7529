"""PyTorch, on one thread of the processor."""
import torch
from torch.nn import functional as F

torch.set_num_threads(1)


def batch_norm(x):
    """In training, with running statistics, weight and bias, as nn.BatchNorm1d calls it."""
    x = torch.from_numpy(x)
    c = x.shape[1]
    mean, variance, weight, bias = torch.zeros(c), torch.ones(c), torch.ones(c), torch.zeros(c)

    @torch.no_grad()
    def work():
        return F.batch_norm(x, mean, variance, weight, bias, training=True, momentum=0.1, eps=1e-5)

    return work
