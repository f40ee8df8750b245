import { writeFile } from 'node:fs/promises'
import type { Flow } from '@skerry/contract/flows/flow'
import { FLOW_GOLDEN_OUTPUTS_MAX, type FlowGolden, type FlowOutput } from '@skerry/contract/flows/flow-recording'
import { Name } from '@skerry/contract/values/names'
import type { LookupStep } from '@skerry/core/flow/lookup-table'
import { goldenDifferences } from '@skerry/core/flow/tensors/golden-difference'
import { tableIn } from '@skerry/flows/data-tables'
import { type Replayed, replayFlow } from '@skerry/flows/replay/replay'
import { type FoundTable, factsOfSteps } from '@skerry/flows/step-facts'
import { systemClock } from '@skerry/platform/process/clock'
import { command, list, required, value } from '../../program/command.ts'
import { fail, wrongUsage } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { readFlow } from './flow-file.ts'
import { type ModelFile, openFlowModels, parseModelFile } from './flow-models.ts'
import { differenceLine, figuresTable, outputLine } from './flow-view.ts'
import { readFlowGolden, readWithPictures } from './recording-file.ts'

/** A person sees this many differences. The first ones show what is wrong. */
const SHOWN_MAX = 5

/** The allowed difference of another processor's floating point. */
const TOLERANCE = { absolute: 1e-6, relative: 1e-4 }

export const replayFlowFile = command({
  name: 'flow replay',
  summary: 'Replay a recording through a flow, and show or compare the outputs',
  details:
    'Nothing is written to equipment or sent anywhere. A recording has the same outputs on every machine, so the golden file of a ' +
    'flow is its test: --write-golden writes it, --expect compares with it.',
  examples: [
    'skerry flow replay pump.yaml recording.jsonl --model anomaly=model.onnx',
    'skerry flow replay pump.yaml recording.jsonl --expect golden.json',
    'skerry flow replay press.yaml recording.jsonl --data limits=./limits --write-golden golden.json',
  ],
  arguments: {
    file: required('<file>', 'YAML of one flow', String),
    recording: required('<recording>', 'JSON lines of samples, from "skerry flow run --record"', String),
  },
  options: {
    models: list(
      '--model <name=file>',
      'the ONNX file of a model, or NAME:VERSION=FILE of that version',
      parseModelFile,
    ),
    tables: list('--data <name=folder>', 'the folder of data that the flow looks values up in', parseDataFolder),
    golden: value('--expect <golden>', 'compare with this golden file', String),
    written: value('--write-golden <golden>', 'write the outputs as golden file, and replace an existing one', String),
  },
  async run({ file, recording, models, tables, golden, written }, session) {
    if (golden !== undefined && written !== undefined)
      throw wrongUsage('--expect and --write-golden exclude each other')
    const flow = await readFlow(file)
    const expected = golden === undefined ? undefined : await readFlowGolden(golden)
    const replayed = await replay(flow, { recording, models, tables }, session)
    if (written !== undefined) await writeGolden(written, replayed.outputs)
    if (expected) return compare(expected, replayed, session)
    session.print({
      json: replayed,
      text: () => [...replayed.outputs.map(outputLine), '', figuresTable(session.style, replayed.figures)].join('\n'),
    })
  },
})

type Given = { recording: string; models: readonly ModelFile[]; tables: readonly DataFolder[] }

async function replay(flow: Flow, { recording, models: files, tables }: Given, { signal }: Session): Promise<Replayed> {
  await using models = await openFlowModels(flow, files, signal)
  const steps = factsOfSteps(flow, models.factsOf, (step) => tableHere(tables, step))
  if (!steps.ok) throw fail(steps.code, steps.message)
  const monotonicMs = () => systemClock.monotonicMs()
  // Awaited here, because the models end with this function.
  return await replayFlow(
    flow,
    readWithPictures(recording),
    { infer: models.infer, facts: steps.facts, monotonicMs },
    signal,
  )
}

type DataFolder = { name: string; folder: string }

function parseDataFolder(text: string): DataFolder {
  const [, name = '', folder = ''] = /^([^=]+)=(.+)$/.exec(text) ?? []
  if (!Name.safeParse(name).success) throw new Error('must be NAME=FOLDER, such as limits=./limits')
  return { name, folder }
}

function tableHere(tables: readonly DataFolder[], step: LookupStep): FoundTable {
  const found = tables.find(({ name }) => name === step.data)
  if (found) return tableIn(found.folder, step)
  const message = `the flow reads the data ${step.data}; give their folder with --data ${step.data}=FOLDER`
  return { ok: false, code: 'table_missing', message }
}

async function writeGolden(path: string, outputs: readonly FlowOutput[]): Promise<void> {
  if (outputs.length > FLOW_GOLDEN_OUTPUTS_MAX) {
    throw fail(
      'file_invalid',
      `${outputs.length} outputs, but a golden file has at most ${FLOW_GOLDEN_OUTPUTS_MAX}: use a shorter recording`,
    )
  }
  const golden: FlowGolden = { tolerance: TOLERANCE, outputs: [...outputs] }
  // One output a line, so that a change of one output changes one line.
  const lines = golden.outputs.map((output) => `    ${JSON.stringify(output)}`).join(',\n')
  const text = `{\n  "tolerance": ${JSON.stringify(golden.tolerance)},\n  "outputs": [\n${lines}\n  ]\n}\n`
  try {
    await writeFile(path, text)
  } catch (cause) {
    throw fail('file_unwritable', `cannot write ${path}: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

function compare(golden: FlowGolden, { outputs, figures }: Replayed, session: Session): void {
  const differences = goldenDifferences(golden, outputs)
  session.print({
    json: { outputs: outputs.length, differences, figures },
    text: () =>
      differences.length === 0
        ? `all ${outputs.length} outputs match the golden file`
        : differences.slice(0, SHOWN_MAX).map(differenceLine).join('\n'),
  })
  if (differences.length > 0) throw fail('golden_differs', `${differences.length} outputs differ from the golden file`)
}
