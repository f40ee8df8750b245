/**
 * Inspects pushed served models: the hub reads the file and checks the golden cases against its tensors. It cannot ask
 * the app, so the expected outputs come with the push.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SERVED_PATH } from '@skerry/contract/kinds/served'
import { ServedModel } from '@skerry/contract/models/served-model'
import { parseJson } from '@skerry/core/values/parse-json'
import { problem } from '../../../http/problem.ts'
import type { Inspector } from '../inspector.ts'
import { statedGolden } from '../stated-golden.ts'

/** 256 tensors with the longest names and shapes. */
const SERVED_BYTES_MAX = 1024 ** 2

export const servedInspector: Inspector<'served'> = {
  plural: 'served models',
  // The hub has no runtime for them.
  goldenSource: 'pushed',
  checkPaths({ files }) {
    const other = files.find(({ path }) => path !== SERVED_PATH)
    if (other)
      throw problem(
        'input_invalid',
        `a served model has no ${other.path}; its app has all files, and its only file is ${SERVED_PATH}`,
      )
  },
  async inspect({ staged, files, request }) {
    if (files.some(({ sizeBytes }) => sizeBytes > SERVED_BYTES_MAX))
      throw problem('input_invalid', `${SERVED_PATH} is over 1 MiB`)
    const served = readServed(await readFile(join(staged.folder, SERVED_PATH), 'utf8'))
    const golden = request.golden && statedGolden(served, request.golden, SERVED_PATH)
    return { summary: served, golden, goldenCases: golden?.cases.length ?? 0 }
  },
  detail: (common, served) => ({ ...common, kind: 'served', served }),
  opset: () => 0,
}

function readServed(text: string): ServedModel {
  const parsed = ServedModel.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw problem('input_invalid', `${SERVED_PATH}, ${issue?.path.join('.') || 'the file'}: ${issue?.message}`)
}
