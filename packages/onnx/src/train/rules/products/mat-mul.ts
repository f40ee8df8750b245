/** [ONNX operators, MatMul] Products of stacks of matrices, as numpy computes them. */
import { broadcastShape, reduceTo } from '../broadcast.ts'
import { type Backward, elementsOf, type Rule, unsupported } from '../rule.ts'

export const matMul: Rule = {
  operator: 'MatMul',
  limits: 'both operands have two dimensions or more',
  infer({ inputs: [a, b] }) {
    if (!a || !b || a.shape.length < 2 || b.shape.length < 2) return unsupported('multiplies a vector')
    const stack = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2))
    if (!stack) return unsupported('multiplies stacks of different sizes')
    return [{ datatype: a.datatype, shape: [...stack, a.shape.at(-2) ?? 0, b.shape.at(-1) ?? 0] }]
  },
  gradient(t, { inputs: [a = '', b = ''], outputs: [y = ''] }, dy) {
    if (t.shape(b).length === 2) matrixGradient(t, { a, b, dy })
    else stackGradient(t, { a, b, y, dy })
    return undefined
  },
}

type Product = { a: string; b: string; dy: string }

/** The right side is one matrix for the whole stack, so the stack is one tall matrix. */
function matrixGradient(t: Backward, { a, b, dy }: Product) {
  const [inner = 0, columns = 0] = t.shape(b)
  const isMatrix = t.shape(a).length === 2
  const rows = elementsOf(t.shape(a)) / inner
  const tall = isMatrix ? dy : t.emit('Reshape', [dy, t.ints([rows, columns])])
  if (t.wants(a)) {
    const product = t.emit('Gemm', [tall, b], { transB: { int: 1 } })
    t.add(a, isMatrix ? product : t.emit('Reshape', [product, t.ints(t.shape(a))]))
  }
  if (!t.wants(b)) return
  const left = isMatrix ? a : t.emit('Reshape', [a, t.ints([rows, inner])])
  t.add(b, t.emit('Gemm', [left, tall], { transA: { int: 1 } }))
}

function stackGradient(t: Backward, { a, b, y, dy }: Product & { y: string }) {
  const stack = t.shape(y).slice(0, -2)
  if (t.wants(a)) {
    const product = t.emit('MatMul', [dy, turned(t, b)])
    t.add(a, reduceTo(t, product, [...stack, ...t.shape(a).slice(-2)], t.shape(a)))
  }
  if (t.wants(b)) {
    const product = t.emit('MatMul', [turned(t, a), dy])
    t.add(b, reduceTo(t, product, [...stack, ...t.shape(b).slice(-2)], t.shape(b)))
  }
}

function turned(t: Backward, name: string): string {
  const rank = t.shape(name).length
  const axes = Array.from({ length: rank }, (_, axis) => axis)
  return t.emit('Transpose', [name], { perm: { ints: [...axes.slice(0, -2), rank - 1, rank - 2] } })
}
