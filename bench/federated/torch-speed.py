"""Samples that PyTorch eager learns from in a second of processor, on one thread: torch-speed.py 2NN|CNN BATCH ROWS."""
import sys, time
import torch
from torch import nn

kind, batch, rows = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(1)
torch.manual_seed(1)

networks = {
    '2NN': lambda: nn.Sequential(nn.Linear(784, 200), nn.ReLU(), nn.Linear(200, 200), nn.ReLU(), nn.Linear(200, 10)),
    'CNN': lambda: nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)),
        nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(3136, 512), nn.ReLU(), nn.Linear(512, 10)),
}
model = networks[kind]()
optimiser = torch.optim.SGD(model.parameters(), lr=0.05)
loss = nn.CrossEntropyLoss()
pixels = torch.randint(0, 256, (rows, 784), dtype=torch.uint8)
labels = torch.randint(0, 10, (rows,))


def steps(first, last):
    for start in range(first, last - batch + 1, batch):
        optimiser.zero_grad()
        loss(model(pixels[start:start + batch].float() / 255), labels[start:start + batch]).backward()
        optimiser.step()


steps(0, min(rows, 10 * batch))
began = time.process_time()
steps(0, rows)
print((rows - rows % batch) / (time.process_time() - began))
