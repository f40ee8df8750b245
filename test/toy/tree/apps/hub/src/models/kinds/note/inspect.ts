/** Inspects pushed notes. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NOTE_PATH, noteKind } from '@skerry/contract/kinds/note'
import { problem } from '../../../http/problem.ts'
import type { Inspector } from '../inspector.ts'

export const noteInspector: Inspector<'note'> = {
  plural: 'notes',
  goldenSource: 'hub',
  checkPaths({ files, golden }) {
    if (files.length > 1 || golden) throw problem('input_invalid', `a note has no file but ${NOTE_PATH}`)
  },
  async inspect({ staged }) {
    const read = noteKind.detail.note.safeParse({ text: await readFile(join(staged.folder, NOTE_PATH), 'utf8') })
    if (!read.success) throw problem('input_invalid', `${NOTE_PATH} is empty or too long`)
    return { summary: read.data, golden: undefined, goldenCases: 0 }
  },
  detail: (common, note) => ({ ...common, kind: 'note', note }),
  opset: () => 0,
}
