/** Writes docs/models/training.md: its table of operators out of the rules, the rest from here. */
import { ruleFamilies } from '@skerry/onnx/train/rules/rules'

const head = `# Training models: which models can be trained, and how

A device trains a model with the runtime that it serves with. Skerry turns the ONNX file of a version into a second ONNX file, the
**training model**, which does all local steps of a round in one run: it picks rows, computes the loss, and changes the weights.
It has standard operators only, some kilobytes, and no weights inside. The result of a training is the file of the version with
other weights: its graph does not change, and nobody exports anything.

The same model and plan give the same training model, byte for byte. The same training model, start, rows and learning rate give
the same weights on one kind of processor. Between kinds of processors (AVX2, AVX-512, NEON) the last bits differ.

## The plan
| field | is |
|---|---|
| \`loss\` | \`cross-entropy\` (labels are the numbers of classes), \`binary\` (0 or 1 for each output), \`mse\`, or \`huber\` (quadratic below a difference of 1) |
| \`optimiser\` | \`sgd\`, with or without \`momentum\`, or \`adam\` (0.9, 0.999, 1e-8). Each run begins without a history |
| \`batchSize\` | the rows of a step |
| \`input\` | the type of a row, \`uint8\` or \`float32\`, a \`scale\` and an \`offset\` that are applied to it, and its \`shape\` if the file leaves sizes open |
| \`output\` | the tensor of the logits, if the model has several outputs. A Softmax or Sigmoid behind the logits is stepped over |
| \`frozen\` | names of weights that stay as they are |
| \`batchNormalization\` | \`frozen\` (default) takes the statistics of the file; \`training\` takes those of the batch, and running means and variances follow |
| \`proximal\` | FedProx: weights are drawn back to their start, by the factor \`mu\` of a run |
| \`clipNorm\` | the norm of each step's gradient is at most \`clip\` of a run |
| \`control\` | SCAFFOLD: a control variate is added to each gradient |

## What is trained
The parameters are the float32 weights that the output depends on: initialisers with at least one dimension. Scalars, and \`Constant\` nodes
with one element, are numbers of formulas, and stay. Freeze a list of numbers that is no weight. Recurrent layers are unrolled: a copy of
the cell for each time step.

A model that cannot be trained is rejected before anything runs, with the operator and the node. Shapes must be static but for the number
of rows: export the model with a symbolic first dimension, and give the shape of a row in the plan if others are symbolic too. The model has one input that the output depends on. Models with branches,
loops, functions of their own, or quantised weights cannot be trained: train the float version, and make a build of the result.

## Operators
Operator sets 7 to 12 are raised to 13 first. This table is written by \`npm run generate\` from \`packages/onnx/src/train/rules\`.

| operators | limits |
|---|---|
`

const foot = `
## Exactness
Every gradient is tested against finite differences in float64, to 1e-6. The two networks of the FedAvg paper are tested against
back-propagation in float64: every gradient of 199,210 and 1,663,370 weights, and the weights and losses after several steps. ONNX's
checker accepts the training models of all rules, and Debian's onnxruntime for Python trains to the same weights.

\`npm run -s bench -- federated --part train\` measures the speed, beside PyTorch if it is installed, and \`--part cells\` counts the
rounds of FedAvg ([performance](../performance.md)).

## Limits
| limit | reason |
|---|---|
| 65,536 rows in a step | the number becomes part of shapes |
| 256 time steps of a recurrent layer | each adds some 30 operations, and the runtime loads more of them slowly |
| 536,870,912 elements in a tensor | a larger one fits into no message of 2 GiB |
| float32 only | the runtime has no other kernels for most gradients |
| one input | the rows of a device are one tensor |
`

export function trainingPage(): string {
  const rows = Object.values(ruleFamilies).flatMap((rules, index) => {
    const family = Object.keys(ruleFamilies)[index]
    const plain = rules.filter(({ limits }) => limits === undefined).map(({ operator }) => `\`${operator}\``)
    const bounded = rules.flatMap(({ operator, limits }) =>
      limits === undefined ? [] : [`| \`${operator}\` | ${limits} |\n`],
    )
    return [`| **${family}** | |\n`, ...(plain.length > 0 ? [`| ${plain.join(', ')} | |\n`] : []), ...bounded]
  })
  return head + rows.join('') + foot
}
