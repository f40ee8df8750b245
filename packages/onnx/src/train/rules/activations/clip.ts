/** A value inside of the bounds passes its gradient on. */
import { type Rule, sameShape } from '../rule.ts'

export const clip: Rule = {
  operator: 'Clip',
  infer: sameShape,
  gradient(t, { inputs: [x = '', low, high] }, dy) {
    const bounds = [...(low ? [t.emit('Greater', [x, low])] : []), ...(high ? [t.emit('Less', [x, high])] : [])]
    const [first, second] = bounds
    if (first === undefined) t.add(x, dy)
    else t.add(x, t.emit('Where', [second ? t.emit('And', [first, second]) : first, dy, t.float(0)]))
    return undefined
  },
}
