import { inferBroadcast, reduceTo } from '../broadcast.ts'
import { type Rule, unsupported } from '../rule.ts'

export const where: Rule = {
  operator: 'Where',
  infer(inference) {
    const facts = inferBroadcast(inference)
    const datatype = inference.inputs[1]?.datatype
    if (!datatype || 'unsupported' in facts) return unsupported('has inputs whose shapes do not fit together')
    return facts.map(({ shape }) => ({ datatype, shape }))
  },
  gradient(t, { inputs: [condition = '', a = '', b = ''], outputs: [y = ''] }, dy) {
    const from = t.shape(y)
    if (t.wants(a)) t.add(a, reduceTo(t, t.emit('Where', [condition, dy, t.float(0)]), from, t.shape(a)))
    if (t.wants(b)) t.add(b, reduceTo(t, t.emit('Where', [condition, t.float(0), dy]), from, t.shape(b)))
    return undefined
  },
}
