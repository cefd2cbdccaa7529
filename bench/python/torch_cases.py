"""PyTorch's norms, on one thread of the processor: `<norm>_forward` and `<norm>_gradients` of each."""
import torch
from torch.nn import functional as F

torch.set_num_threads(1)


def parameters(*shape):
    return torch.ones(*shape), torch.zeros(*shape)


def batch(c, *_):
    """In training, with running statistics, weight and bias, as nn.BatchNorm1d calls it."""
    mean, variance = torch.zeros(c), torch.ones(c)
    weight, bias = parameters(c)
    return [weight, bias], lambda x: F.batch_norm(x, mean, variance, weight, bias, True, 0.1, 1e-5)


def layer(*sample):
    weight, bias = parameters(*sample)
    return [weight, bias], lambda x: F.layer_norm(x, sample, weight, bias, 1e-5)


def group(c, *_):
    weight, bias = parameters(c)
    return [weight, bias], lambda x: F.group_norm(x, 8, weight, bias, 1e-5)


def instance(*_):
    return [], lambda x: F.instance_norm(x, eps=1e-5)


def rms(*sample):
    """By hand: there is no functional one before 2.4."""
    weight, _ = parameters(*sample)
    axes = tuple(range(-len(sample), 0))
    return [weight], lambda x: x * torch.rsqrt(x.square().mean(axes, keepdim=True) + 1e-5) * weight


def forward(norm):
    def case(x):
        _, normalized = norm(*x.shape[1:])
        x = torch.from_numpy(x)

        @torch.no_grad()
        def work():
            return normalized(x)

        return work

    return case


def gradients(norm):
    """Forward and backward: with respect to x, and what of weight and bias there is."""

    def case(x, dy):
        learned, normalized = norm(*x.shape[1:])
        x, dy = torch.from_numpy(x), torch.from_numpy(dy)
        inputs = [values.requires_grad_() for values in [x, *learned]]
        return lambda: torch.autograd.grad(normalized(x), inputs, dy)

    return case


for norm in batch, layer, group, instance, rms:
    globals()[norm.__name__ + "_forward"] = forward(norm)
    globals()[norm.__name__ + "_gradients"] = gradients(norm)
