/** Summarises an ONNX file without running it, or refuses it, naming what is wrong, before any runtime sees it. */
import {
  IDENTIFIER_MAX,
  METADATA_ENTRIES_MAX,
  METADATA_VALUE_MAX,
  type ModelSummary,
} from '@skerry/contract/models/model-summary'
import { storedTensors } from './body.ts'
import { checkExpansion } from './expansion.ts'
import { readExternalFiles } from './external-data.ts'
import { checkNames } from './names.ts'
import { readOperators, readOpsets } from './operators.ts'
import { type Model, readModel } from './read.ts'
import { accept, type Refusal, type Result } from './refusal.ts'
import { readSignature } from './signature.ts'
import { checkTensor, tensorHeader } from './tensor.ts'

/** Everything that can be known of a model file. `files` are those pushed beside it, by path, with their size in bytes. */
export function summarise(bytes: Uint8Array, files: ReadonlyMap<string, number>): Result<ModelSummary> {
  const model = readModel(bytes)
  return model.ok ? summariseModel(model.value, files) : model
}

/** The same for a model that was read or built already. */
export function summariseModel(model: Model, files: ReadonlyMap<string, number>): Result<ModelSummary> {
  const opsets = readOpsets(model)
  if (!opsets.ok) return opsets
  const operators = readOperators(model)
  if (!operators.ok) return operators
  const excess = checkExpansion(model)
  if (excess) return excess
  const signature = readSignature(model)
  if (!signature.ok) return signature
  const flaw = checkNames(model) ?? checkTensors(model)
  if (flaw) return flaw
  const externalFiles = readExternalFiles(model, files)
  if (!externalFiles.ok) return externalFiles
  return accept({
    irVersion: Number(model.irVersion),
    producer: `${model.producerName} ${model.producerVersion}`.trim().slice(0, IDENTIFIER_MAX),
    opsets: opsets.value,
    ...signature.value,
    operators: operators.value,
    parameterCount: countParameters(model),
    ...readMetadata(model),
    externalFiles: externalFiles.value,
  })
}

function checkTensors(model: Model): Refusal | undefined {
  for (const { tensor, label } of storedTensors(model)) {
    const flaw = checkTensor(tensor, label)
    if (flaw) return flaw
  }
  return undefined
}

function countParameters(model: Model): number {
  let count = 0
  for (const { tensor, label, isParameter } of storedTensors(model)) {
    const header = tensorHeader(tensor, label)
    if (isParameter && header.ok) count += header.value.count
  }
  return Math.min(count, Number.MAX_SAFE_INTEGER)
}

export function readMetadata({ metadataProps }: Model): Pick<ModelSummary, 'metadata' | 'metadataOmittedCount'> {
  const metadata = metadataProps
    .filter(({ key, value }) => key.length <= IDENTIFIER_MAX && value.length <= METADATA_VALUE_MAX)
    .slice(0, METADATA_ENTRIES_MAX)
    .map(({ key, value }) => ({ key, value }))
  return { metadata, metadataOmittedCount: metadataProps.length - metadata.length }
}
