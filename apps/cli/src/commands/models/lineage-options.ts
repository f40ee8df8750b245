/** Lineage options: the origin of a version, as options of `skerry model push`. */

import { OriginUri } from '@skerry/contract/deployments/lineage'
import type { LineageSpec } from '@skerry/contract/models/model'
import { Digest } from '@skerry/contract/values/digest'
import { asIs, fits, list, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { parseModelReference } from '../../program/values.ts'

export const lineageOptions = {
  parents: list('--parent <version>', 'version from which it was made, as NAME:VERSION or NAME@alias', parseParent),
  source: value('--source <uri>', 'address of the code that made it', fits(OriginUri)),
  commit: value('--commit <commit>', 'the commit of that code', asIs),
  dataset: value('--dataset <uri>', 'address of its training data', fits(OriginUri)),
  datasetDigest: value('--dataset-digest <digest>', 'sha256:... of the data', fits(Digest)),
  tool: value('--tool <tool>', 'program that made it, such as "pytorch 2.6"', asIs),
  createdBy: value('--created-by <who>', 'person, team or pipeline that made it', asIs),
  notes: value('--notes <text>', 'other facts about how it was made', asIs),
}

type LineageInput = { [Key in keyof typeof lineageOptions]: ReturnType<(typeof lineageOptions)[Key]['read']> }

/** The field of a push; absent if no option is given. */
export function lineageOf(input: LineageInput): { lineage?: LineageSpec } {
  const { parents, source, commit, dataset, datasetDigest, tool, createdBy, notes } = input
  if (commit !== undefined && source === undefined) throw wrongUsage('--commit needs --source')
  if (datasetDigest !== undefined && dataset === undefined) throw wrongUsage('--dataset-digest needs --dataset')
  const said = {
    ...(source !== undefined && { source: { uri: source, ...(commit !== undefined && { commit }) } }),
    ...(dataset !== undefined && {
      dataset: { uri: dataset, ...(datasetDigest !== undefined && { digest: datasetDigest }) },
    }),
    ...(tool !== undefined && { tool }),
    ...(createdBy !== undefined && { createdBy }),
    ...(notes !== undefined && { notes }),
  }
  return parents.length === 0 && Object.keys(said).length === 0 ? {} : { lineage: { parents, ...said } }
}

/** A version of a model, which must be named. */
export function parseParent(text: string): LineageSpec['parents'][number] {
  const { name, version } = parseModelReference(text)
  if (version === undefined) throw new Error('give the version as NAME:3, NAME:latest or NAME@alias')
  return { name, version }
}
