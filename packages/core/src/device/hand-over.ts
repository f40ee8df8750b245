/**
 * Hand-over of the models: whether the runner of an agent that ends may serve until the runner of the next agent has
 * loaded the same models.
 */

export type HandOverFacts = {
  /** The next version of the agent can take over from a runner that is not its own. */
  canTakeOver: boolean
  /** Of the loaded models. Undefined while no runner is ready. */
  modelBytes: number | undefined
  availableBytes: number
}

/** [measured] A control process has 100 MB and a runner without models 150 MB. For some seconds there are two of both. */
const PROGRAMS_BYTES = 256 * 1024 ** 2

/** Why the models must end with their agent; undefined if the runner may stay. */
export function handOverProblem({ canTakeOver, modelBytes, availableBytes }: HandOverFacts): string | undefined {
  if (!canTakeOver) return 'the next version of the agent cannot take over models'
  if (modelBytes === undefined) return 'no runner serves'
  if (modelBytes + PROGRAMS_BYTES > availableBytes) return 'the memory has no room for the models of two agents'
  return undefined
}
