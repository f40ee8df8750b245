/**
 * Inspects pushed hosted models: the hub reads the declaration, and checks the golden cases against its tensors. It has
 * no such engine, so it does not look into the files, and the expected outputs come with the push.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HOSTED_FOLDER, HOSTED_PATH } from '@skerry/contract/kinds/hosted'
import { HostedModel } from '@skerry/contract/models/hosted-model'
import { parseJson } from '@skerry/core/values/parse-json'
import { problem } from '../../../http/problem.ts'
import type { Inspector } from '../inspector.ts'
import { statedGolden } from '../stated-golden.ts'

/** 256 tensors with the longest names and shapes. */
const HOSTED_BYTES_MAX = 1024 ** 2

export const hostedInspector: Inspector<'hosted'> = {
  plural: 'hosted models',
  // The hub has no runtime for them.
  goldenSource: 'pushed',
  checkPaths({ files }) {
    const wrong = files.find(({ path }) => path !== HOSTED_PATH && !path.startsWith(HOSTED_FOLDER))
    if (wrong)
      throw problem('input_invalid', `a hosted model has no ${wrong.path}; put each file below ${HOSTED_FOLDER}`)
    if (files.length === 1)
      throw problem(
        'input_invalid',
        `the model has no file below ${HOSTED_FOLDER}; push one at least, or a served.json`,
      )
  },
  reads: ({ path }) => path === HOSTED_PATH,
  async inspect({ staged, files, request }) {
    const size = files.find(({ path }) => path === HOSTED_PATH)?.sizeBytes ?? 0
    if (size > HOSTED_BYTES_MAX) throw problem('input_invalid', `${HOSTED_PATH} is over 1 MiB`)
    const hosted = readHosted(await readFile(join(staged.folder, HOSTED_PATH), 'utf8'))
    const golden = request.golden && statedGolden(hosted, request.golden, HOSTED_PATH)
    return { summary: hosted, golden, goldenCases: golden?.cases.length ?? 0 }
  },
  detail: (common, hosted) => ({ ...common, kind: 'hosted', hosted }),
  opset: () => 0,
}

function readHosted(text: string): HostedModel {
  const parsed = HostedModel.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw problem('input_invalid', `${HOSTED_PATH}, ${issue?.path.join('.') || 'the file'}: ${issue?.message}`)
}
