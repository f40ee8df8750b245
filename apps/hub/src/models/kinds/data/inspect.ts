/** Inspects pushed data: the hub reads the description. It does not look into the files. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DataSet } from '@skerry/contract/data/data-set'
import { DATA_FOLDER, DATA_PATH } from '@skerry/contract/kinds/data'
import { parseJson } from '@skerry/core/values/parse-json'
import { problem } from '../../../http/problem.ts'
import type { Inspector } from '../inspector.ts'

/** The longest description takes a fraction of it. */
const DESCRIPTION_BYTES_MAX = 64 * 1024

export const dataInspector: Inspector<'data'> = {
  plural: 'data',
  // Data have no golden cases.
  goldenSource: 'pushed',
  checkPaths({ files, golden }) {
    const wrong = files.find(({ path }) => path !== DATA_PATH && !path.startsWith(DATA_FOLDER))
    if (wrong) throw problem('input_invalid', `data have no ${wrong.path}; put each file below ${DATA_FOLDER}`)
    if (files.length === 1)
      throw problem('input_invalid', `the data have no file below ${DATA_FOLDER}; push one at least`)
    if (golden) throw problem('input_invalid', 'golden inputs are for models; the digests prove data')
  },
  reads: ({ path }) => path === DATA_PATH,
  async inspect({ staged, files }) {
    const size = files.find(({ path }) => path === DATA_PATH)?.sizeBytes ?? 0
    if (size > DESCRIPTION_BYTES_MAX) throw problem('input_invalid', `${DATA_PATH} is over 64 KiB`)
    const parsed = DataSet.safeParse(parseJson(await readFile(join(staged.folder, DATA_PATH), 'utf8')))
    if (parsed.success) return { summary: parsed.data, golden: undefined, goldenCases: 0 }
    const [issue] = parsed.error.issues
    throw problem('input_invalid', `${DATA_PATH}, ${issue?.path.join('.') || 'the file'}: ${issue?.message}`)
  },
  detail: (common, data) => ({ ...common, kind: 'data', data }),
  opset: () => 0,
}
