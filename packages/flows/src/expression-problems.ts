/** Expression problems: what is wrong with the expressions of a flow, found before anything runs. */
import type { Flow } from '@skerry/contract/flows/flow'
import { compile } from './operators/expressions.ts'

export type ExpressionFault = { path: (string | number)[]; message: string }

export const expressionProblems = ({ steps }: Pick<Flow, 'steps'>): ExpressionFault[] =>
  steps.flatMap((step, index) => {
    if (step.kind !== 'expression' && step.kind !== 'filter') return []
    const result = compile(step.kind === 'filter' ? step.where : step.expression)
    return result.ok
      ? []
      : [{ path: ['steps', index, step.kind === 'filter' ? 'where' : 'expression'], message: result.message }]
  })
