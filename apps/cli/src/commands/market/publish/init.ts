import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ShortName } from '@skerry/contract/market/listing'
import * as z from 'zod'
import { asIs, command, fits, required, usually, value } from '../../../program/command.ts'
import { fail } from '../../../program/failure.ts'
import { CI_FILES } from './scaffold/ci-templates.ts'
import { sinkScaffold, sourceScaffold } from './scaffold/connection-scaffold.ts'
import { flowScaffold } from './scaffold/flow-scaffold.ts'
import { appScaffold, modelScaffold } from './scaffold/version-scaffold.ts'

const ScaffoldKind = z.enum(['flow', 'model', 'app', 'source', 'sink'])
type ScaffoldKind = z.infer<typeof ScaffoldKind>

type Scaffold = (name: string) => Readonly<Record<string, string>>

const scaffolds: Readonly<Record<ScaffoldKind, Scaffold>> = {
  flow: flowScaffold,
  model: modelScaffold,
  app: appScaffold,
  source: sourceScaffold,
  sink: sinkScaffold,
}

export const initListing = command({
  name: 'market init',
  summary: 'Write an example of a listing: a flow with sample data, or another kind',
  details:
    'A listing may have items of several kinds: copy the parts of two examples together. The model, its golden cases and the images of an app ' +
    'are your own files. With --ci, a pipeline certifies the listing at each change, and submits it from the main branch.',
  examples: [
    'skerry market init level-watch',
    'skerry market init hall-page --kind app --ci gitlab',
    'skerry market init level-watch --folder listings/level-watch',
  ],
  arguments: { name: required('<name>', 'name of the listing', fits(ShortName)) },
  options: {
    kind: usually('--kind <kind>', 'flow', ScaffoldKind.options.join(', '), fits(ScaffoldKind)),
    ci: value('--ci <service>', 'also a pipeline for github or gitlab', fits(z.enum(['github', 'gitlab']))),
    folder: value('--folder <folder>', 'folder to write to; called as the listing by default', asIs),
  },
  async run({ name, kind, ci, folder = name }, session) {
    await mkdir(folder, { recursive: true })
    const texts = { ...scaffolds[kind](name), ...(ci && CI_FILES[ci]) }
    for (const [file, text] of Object.entries(texts)) {
      const path = join(folder, file)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, text, { flag: 'wx' }).catch((cause: unknown) => {
        throw fail('file_unwritable', `cannot write ${path}`, { cause })
      })
    }
    const files = Object.keys(texts).map((file) => join(folder, file))
    const next = `check it with "skerry market lint ${folder}"`
    session.print({ json: { files }, text: () => [...files.map((file) => `wrote ${file}`), next].join('\n') })
  },
})
